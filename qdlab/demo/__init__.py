"""The demo lab: the paper's recipes and the spectra that its numbers imply, simulated and sent through the walk.

``truth`` holds what is true of each simulated batch, ``physics`` what an ideal instrument would see, ``instruments`` the
imperfections of real ones and the text files they would write, and ``lab`` builds the records through the services that
people use. Nothing here is measured: every file, every record and every page says "simulated".
"""
