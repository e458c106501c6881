"""The sentences that our JavaScript shows, translated on the server (see templates/base.html)."""

from django.utils.translation import gettext as _


def page_texts() -> dict[str, str]:
    return {
        "close": _("Close"),
        "copied": _("Copied"),
        "retry": _("Try again"),
        "picked": _("{n} selected"),
        "offline": _("The lab's server does not answer. Check the network; nothing that you typed is lost."),
        "server_error": _("Something went wrong on the server. It was written to the log; please try again."),
        "signed_out": _("You are signed out. Sign in again in another tab, then try again here."),
        "forbidden": _("You may look at this, but not change it."),
        "gone": _("This is not there any more. Reload the page."),
        "too_large": _("This file is larger than this lab takes."),
        "too_many": _("Too many requests at once. Wait a moment, then try again."),
        "busy": _("The server is busy. Wait a moment, then try again."),
        "full": _("The server's disk is full: nothing was stored. Tell the person who runs QDLab, then try again."),
        "plot_failed": _("The figure could not be drawn. Reload the page; the numbers are safe."),
        "draft_restored": _("Draft of {time} restored."),
        "draft_outdated": _("There is a draft of {time}, but somebody has saved changes since."),
        "draft_restore": _("Show my draft"),
        "draft_discard": _("Discard the draft"),
        "upload_waiting": _("waiting"),
        "upload_sending": _("sending"),
        "upload_failed": _("not stored"),
        "upload_received": _("received"),
        "upload_reading": _("being read"),
        "upload_read": _("read"),
        "upload_unreadable": _("unreadable"),
        "upload_known": _("Already there as {name}; it is kept once."),
        "upload_known_on": _("Already there as {name} on sample {sample}; it is kept once."),
        "upload_analysing": _("analysing, {done} of {all}"),
        "upload_analysed": _("analysed"),
        "upload_analysed_partly": _("analysed, {n} without a number"),
        "upload_overall": _("{done} of {all} files sent"),
    }
