from django.urls import path

from qdlab.access.views import account, owner, people, sign_in, tokens

app_name = "access"

urlpatterns = [
    path("", account.AccountPage.as_view(), name="account"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign_out"),
    path("password/", account.PasswordPage.as_view(), name="password"),
    path("language/", account.set_language, name="language"),
    path("tokens/", tokens.TokensPage.as_view(), name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("owner/<str:secret>/", owner.OwnerPage.as_view(), name="owner"),
    path("people/", people.PeoplePage.as_view(), name="people"),
    path("people/<int:pk>/active/", people.set_active, name="set_active"),
    path("people/<int:pk>/password/", people.ResetPassword.as_view(), name="reset_password"),
    path("projects/", people.ProjectsPage.as_view(), name="projects"),
    path("projects/<uuid:pk>/roles/", people.set_role, name="set_role"),
]
