"""What the people of the journeys do again and again."""

from playwright.sync_api import Locator, Page

from tests.journeys.conftest import Installation

PASSWORD = "river lantern copper seven"
ALICE = "alice@bridgeway.example"


def set_up(page: Page, installation: Installation) -> None:
    """Fill in the setup page of a new installation as its first admin."""
    page.goto(installation.url)
    page.get_by_label("Name of the coalition").fill("Bridgeway Coalition")
    page.get_by_label("Purpose").fill("Immigrant professionals working in the jobs they trained for.")
    page.get_by_label("Sender’s name").fill("Bridgeway Coalition")
    page.get_by_label("Sender’s address").fill("news@bridgeway.example")
    page.get_by_label("Postal address").fill("12 Harbor Street\nBoston, MA 02110")
    page.get_by_label("Spanish reviewed by").fill("Rosa Reviewer")
    page.get_by_label("Arabic reviewed by").fill("Amal Reviewer")
    page.get_by_label("Your name").fill("Alice Admin")
    page.get_by_label("Your e-mail").fill(ALICE)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    page.wait_for_url("**/staff/**")


def log_in(page: Page, installation: Installation, password: str, path: str = "/staff/") -> Page:
    """Log in as Alice, and open a page of the staff."""
    page.goto(f"{installation.url}/login")
    page.get_by_label("E-mail").fill(ALICE)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/staff/")
    if path != "/staff/":
        page.goto(f"{installation.url}{path}")
    return page


def drag(page: Page, grip: Locator, where: Locator) -> None:
    """Drag by the upper left corner, as a hand does: a little; once the page knows of it, all the way."""
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), where.bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 26, start["y"] + 12, steps=3)
    page.locator(".sortable-ghost").wait_for(state="attached")
    page.mouse.move(end["x"] + 50, end["y"] + 5, steps=8)
    for step in range(10):  # The browser tells of what is beneath a drag only now and then, also where it stands still.
        page.mouse.move(end["x"] + 51 + step % 2, end["y"] + 7)
        page.wait_for_timeout(50)
    page.mouse.up()
