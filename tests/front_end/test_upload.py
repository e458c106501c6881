import re


def files(*names):
    return [{"name": name, "mimeType": "text/plain", "buffer": b"1 2\n"} for name in names]


def test_every_file_is_seen_from_received_to_analysed(open_part, until):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("a.txt", "b.txt", "日本語.txt", "d.txt", "e.txt"))
    until(page, "document.querySelectorAll('.uploads .state.done').length === 5")
    assert page.inner_text("[data-upload-overall]") == "5 of 5 files sent"
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
    def known(route):
        answer = route.fetch()
        sent = answer.json()["uploads"][0] | {"new": False, "name": "first.txt", "sample_code": "OC-1/A"}
        route.fulfill(response=answer, json={"uploads": [sent]})

    page = open_part("upload")
    page.route("**/files/", known)
    page.set_input_files("input[type=file]", files("twice.txt"))
    page.wait_for_selector(".uploads .state.done")
    assert page.inner_text(".uploads .says") == "Already there as first.txt on sample OC-1/A; it is kept once."


def test_an_unreadable_file_says_what_to_do(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("unreadable.jpg"))
    page.wait_for_selector(".uploads .state.unreadable")
    assert "Upload the raw file." in page.inner_text(".uploads")


def test_a_file_that_was_not_stored_is_sent_again_on_request(open_part):
    page = open_part("upload")
    page.set_input_files("input[type=file]", files("full-disk.txt"))
    page.wait_for_selector("text=The disk is full.")
    assert page.inner_text(".uploads .state") == "not stored"
    page.click("text=Try again")
    page.wait_for_selector(".uploads .state.done")


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
    assert "dropped.txt" in page.inner_text(".uploads")


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
