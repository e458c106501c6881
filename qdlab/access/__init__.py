"""People, projects and what each may see and do. Everything that reaches a person passes ``visible_to(user)``."""
