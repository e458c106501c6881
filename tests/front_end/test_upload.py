import re
from datetime import UTC, datetime


def files(*names):
    return [{"name": name, "mimeType": "text/plain", "buffer": b"1 2\n"} for name in names]


def test_every_file_is_seen_from_received_to_analysed(open_part, until):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("a.txt", "b.txt", "日本語.txt", "d.txt", "e.txt"))
    until(page, "document.querySelectorAll('.uploads .state.done').length === 5")
    assert page.inner_text("[data-upload-overall]").startswith("5 of 5 stored · 5 in place Everything is stored.")
    assert page.locator(".uploads .state").all_inner_texts() == ["analysed"] * 5
    link = page.get_by_role("link", name="日本語.txt")
    assert re.fullmatch(r"/uploads/\d+/", link.get_attribute("href"))


def test_a_file_without_analyses_ends_as_read(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("image.txt"))
    page.wait_for_selector(".uploads .state.read")


def test_an_analysis_without_a_number_is_not_called_a_success(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("thin-sample.txt"))
    page.wait_for_selector("text=analysed, 1 without a number")


def test_a_file_that_was_there_says_under_which_name_and_where_to_the_end(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("twice.txt"))
    page.wait_for_selector(".uploads .state.done")
    said = "Already on sample OC-1/A as first.txt (uploaded 2026-11-03 by Mei); it is kept once."
    assert page.inner_text(".uploads .says") == said
    assert page.get_by_role("link", name="OC-1/A").get_attribute("href") == "/batches/b7/"


def test_the_same_file_twice_in_one_drop_is_said_to_be_the_same(open_part):
    def both_the_first(route):
        answer = route.fetch()
        sent.append(answer.json()["uploads"][0])
        route.fulfill(response=answer, json={"uploads": [sent[0]]})

    page, sent = open_part("upload"), []
    page.route("**/files/", both_the_first)
    page.set_input_files("input[type=file]", files("one.txt", "copy of one.txt"))
    page.wait_for_selector("text=The same file as one.txt; it is kept once.")


def test_an_unreadable_file_says_what_to_do(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("unreadable.jpg"))
    page.wait_for_selector(".uploads .state.unreadable")
    assert "Upload the raw file." in page.inner_text("[data-upload-list]")


def test_a_file_that_was_not_stored_is_sent_again_on_request(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("full-disk.txt"))
    page.wait_for_selector("text=The disk is full.")
    assert page.inner_text(".uploads .state") == "not stored"
    page.click("text=Try again")
    page.wait_for_selector(".uploads .state.done")


DROP = """(tree) => {
    // What a browser hands over when a folder is dropped; a test cannot make such entries itself.
    const opened = (name, inside, path) => typeof inside === "string"
        ? { isFile: true, name, fullPath: path, file: (done) => done(new File([inside], name)) }
        : { isDirectory: true, name, fullPath: path, createReader: () => {
            const rest = Object.entries(inside).map(([n, what]) => opened(n, what, `${path}/${n}`));
            return { readEntries: (done) => done(rest.splice(0, 2)) }; // some at a time, as browsers do
          } };
    const items = Object.entries(tree).map(([name, inside]) => (
        { kind: "file", webkitGetAsEntry: () => opened(name, inside, `/${name}`) }));
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = { items, files: [] };
    document.querySelector("[data-drop]").dispatchEvent(event);
}"""


def test_files_can_be_dropped(open_part):
    page = open_part("upload")
    page.evaluate(
        """() => {
            const dropped = new DataTransfer();
            dropped.items.add(new File(["1 2"], "dropped.txt"));
            const zone = document.querySelector("[data-drop]");
            zone.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_selector(".uploads .state.done")
    assert "dropped.txt" in page.inner_text("[data-upload-list]")


def test_a_dropped_folder_is_opened_and_its_files_tell_where_they_lay(open_part, until):
    page = open_part("upload")
    inside = {f"f{n}.txt": f"1 {n}" for n in range(5)}
    litter = {".DS_Store": "x", "~$book.xlsx": "x", "__MACOSX": {"._a.txt": "x"}, "empty.txt": ""}
    page.evaluate(DROP, {"2026": {"OC-7": inside, "deep.txt": "1"}, "loose.txt": "2", **litter})
    until(page, "document.querySelectorAll('.uploads .state.done').length === 7")
    told = page.evaluate("fetch('/folders/').then((answer) => answer.json())")
    assert (told["f3.txt"], told["deep.txt"], told["loose.txt"]) == ("2026/OC-7", "2026", "")
    assert "~$book.xlsx" not in told and "empty.txt" not in told
    aside = page.inner_text("[data-upload-aside]")
    assert "Set aside, as no instrument wrote it (3): .DS_Store, ~$book.xlsx, __MACOSX/._a.txt" in aside
    assert "Empty, so not sent (1): empty.txt." in aside


def test_many_files_are_listed_in_groups_with_trouble_on_top(open_part, until):
    page = open_part("upload")
    names = (
        [f"n{n}.txt" for n in range(20)] + [f"waits{n}.txt" for n in range(4)] + ["unreadable.jpg", "full-disk-2.txt"]
    )
    page.set_input_files("input[type=file]", files(*names))
    until(page, "document.querySelectorAll('.uploads .state.done').length === 24")
    groups = page.locator(".upload-group:visible > summary").all_inner_texts()
    assert groups == ["not stored 1", "unreadable 1", "waiting for a sample 4", "in place 20"]
    assert page.locator(".uploads li:visible").count() == 2  # only what needs a hand is open
    page.click("text=in place 20")
    assert page.locator(".uploads li:visible").count() == 22
    page.click("text=Try all that failed again")
    until(page, "document.querySelectorAll('.uploads .state.done').length === 25")


def test_a_network_that_goes_away_loses_nothing(open_part, until):
    page = open_part("upload")
    page.route("**/files/", lambda route: route.abort())
    page.set_input_files("input[type=file]", files("a.txt", "b.txt", "proxy.txt"))
    page.wait_for_selector("text=Nothing is lost: it is tried again")
    assert page.evaluate(LEAVING) is True
    page.unroute("**/files/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, "document.querySelectorAll('.uploads .state.done').length === 3")
    assert page.inner_text("[data-upload-overall]").startswith("3 of 3 stored")
    assert page.evaluate(LEAVING) is False


LEAVING = """() => {
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    return leaving.defaultPrevented;
}"""


def test_an_answer_that_was_lost_does_not_make_the_file_one_that_was_there_before(open_part):
    def lose_the_first_answer(route):
        tries.append(route.fetch())
        if len(tries) == 1:
            return route.abort()
        entry = tries[0].json()["uploads"][0] | {"new": False, "uploaded_at": datetime.now(UTC).isoformat()}
        return route.fulfill(response=tries[1], json={"uploads": [entry]})

    page, tries = open_part("upload"), []
    page.route("**/files/", lose_the_first_answer)
    page.set_input_files("input[type=file]", files("lost.txt"))
    page.wait_for_selector(".uploads .state.done")
    assert "lready" not in page.inner_text("[data-upload-list]")


def test_the_zone_works_without_a_mouse(open_part):
    page, choosers = open_part("upload"), []
    # Listening begins well before the key: Playwright switches the browser's own dialogue off in the background.
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.focus("input[type=file]")
    page.evaluate("new Promise((ready) => setTimeout(ready, 200))")
    page.keyboard.press("Space")
    for _wait in range(2000):
        if choosers:
            break
        page.wait_for_timeout(25)
    choosers[0].set_files(files("by-keyboard.txt"))
    page.wait_for_selector(".uploads .state.done")
