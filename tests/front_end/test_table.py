def test_numbers_align_on_the_decimal_point(open_part, until):
    page = open_part("table")
    until(page, "document.querySelector('td.num').style.paddingRight !== ''")
    points = page.evaluate(
        """[...document.querySelectorAll("td.num .quantity")].map((cell) => {
            const range = document.createRange();
            const whole = /^\\d+/.exec(cell.textContent)[0].length;
            range.setStart(cell.firstChild, 0);
            range.setEnd(cell.firstChild, whole);
            return range.getBoundingClientRect().right;
        })"""
    )
    assert len(points) == 3
    assert max(points) - min(points) < 0.75  # less than a device pixel is not seen


def test_ticked_rows_go_into_the_address_and_survive_another_page(open_part):
    page = open_part("table")
    page.check("[data-pick][value=A]")
    page.check("[data-pick][value=C]")
    assert page.inner_text("[data-pick-count]") == "2 selected"
    assert page.get_attribute("[data-pick-link]", "href").endswith("/compare/?x=ev&batch=A&batch=C")
    page.reload()
    assert page.is_checked("[data-pick][value=C]")
    page.click("[data-pick-none]")
    assert not page.is_checked("[data-pick][value=C]")
    assert page.locator("[data-pick-bar]").is_hidden()
