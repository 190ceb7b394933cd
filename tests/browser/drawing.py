"""A diagram in its editor, drawn with the mouse as a person draws it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

_POINT = """([id, way]) => {
  const element = studio.modeler.get('elementRegistry').get(id);
  const box = studio.modeler.get('canvas').viewbox();
  const place = document.querySelector('.djs-container').getBoundingClientRect();
  const points = element.waypoints;
  const [from, to] = points ? [points.at(-2), points.at(-1)] : [];
  const at = {
    corner: () => points[1], end: () => ({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }),
    foot: () => ({ x: element.x + element.width - 100, y: element.y + element.height - 10 }),
  }[way]();
  return [place.x + (at.x - box.x) * box.scale, place.y + (at.y - box.y) * box.scale];
}"""
_SELECTED = "() => studio.modeler.get('selection').get().map((one) => one.id)"
_FLOW = """([from, to]) => {
  const { outgoing } = studio.modeler.get('elementRegistry').get(from);
  return outgoing.find((one) => one.target.id === to).id;
}"""


@dataclass
class Drawing:
    """The drawing on a page."""

    page: Page

    @property
    def selected(self) -> str:
        """The id of the element that is selected; empty unless it is one."""
        found = self.page.evaluate(_SELECTED)
        return str(found[0]) if len(found) == 1 else ""

    def shape(self, id: str) -> None:
        """Click an element that has an area."""
        self.page.locator(f'.djs-shape[data-element-id="{id}"] .djs-hit').first.click()

    def pick(self, id: str) -> None:
        """Select an element or a flow. Right after something was drawn, the editor takes a first click for its end."""
        flow = self.page.locator(f'.djs-connection[data-element-id="{id}"]').count() > 0
        for _ in range(5):
            if flow:
                self.page.mouse.click(*self._point(id, "end"))
            else:
                self.shape(id)
            if self.selected == id:
                return
        raise AssertionError(f"{id} can't be selected")

    def pad(self, action: str) -> None:
        """Press a button beside the selected element."""
        self.page.locator(f'.djs-context-pad [data-action="{action}"]').click()

    def choose(self, entry: str, value: str) -> None:
        """Choose in a list of the properties panel."""
        self.page.locator(f"select#bio-properties-panel-{entry}").select_option(value)

    def write(self, entry: str, text: str) -> None:
        """Type into a field of the properties panel."""
        field = self.page.locator(f"#bio-properties-panel-{entry}")
        field.fill(text)
        field.blur()

    def append_step(self, after: str, name: str) -> str:
        """Append a step of a person, and name it; its id."""
        self.pick(after)
        self.pad("append.append-task")
        self.page.locator(".djs-direct-editing-content").fill(name)
        self.page.keyboard.press("Enter")
        return self.selected

    def insert_gateway(self, flow: str, kind: str) -> str:
        """Put a gateway of a kind (its name in the menu) onto the bend of a flow; its id."""
        x, y = self._point(flow, "corner")
        self.page.locator('.djs-palette [data-action="create.exclusive-gateway"]').click()
        self.page.mouse.move(x - 4, y, steps=3)
        self.page.mouse.move(x, y, steps=2)
        self.page.mouse.click(x, y)
        self.pad("replace")
        self.page.locator(".djs-popup .djs-popup-label", has_text=kind).click()
        expect(self.page.locator(".djs-popup")).to_have_count(0)
        return self.selected

    def connect(self, source: str, target: str) -> None:
        """Draw a flow from one element to another."""
        self.pick(source)
        self.pad("connect")
        self.shape(target)

    def make_room(self, lane: str, height: int) -> None:
        """Make a lane higher, by pixels of the screen."""
        x, y = self._point(lane, "foot")
        self.page.locator('.djs-palette [data-action="space-tool"]').click()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x, y + height / 2, steps=4)
        self.page.mouse.move(x, y + height, steps=4)
        self.page.mouse.up()

    def name(self, id: str, text: str) -> None:
        """Write a name onto an element or a flow."""
        self.pick(id)
        self.page.keyboard.press("e")
        self.page.locator(".djs-direct-editing-content").fill(text)
        self.page.keyboard.press("Enter")

    def flow(self, source: str, target: str) -> str:
        """The id of the flow from one element to another."""
        return str(self.page.evaluate(_FLOW, [source, target]))

    def _point(self, id: str, way: str) -> tuple[float, float]:
        x, y = self.page.evaluate(_POINT, [id, way])
        return x, y
