// The trigger's settings in the page; labkit/scope/settings.py decides whether they make sense.
import { make } from "./table.js";
import { parseSeconds, seconds } from "./format.js";

const HOWS = ["rising", "falling", "either", "above", "below", "high pulse", "low pulse", "pattern"];
const WORDS = { rising: "rising edge", falling: "falling edge", either: "any edge", above: "above a level", below: "below a level" };

export class TriggerPanel {
  constructor(el, { use, arm, complain }) {
    Object.assign(this, { use, arm, complain, lanes: [] });
    this.element = make("fieldset", { className: "labkit-trigger", hidden: true });
    this.element.append(make("legend", { textContent: "trigger" }));
    this.how = this.select("what", HOWS.map((how) => [how, WORDS[how] ?? how]));
    this.channel = this.select("channel", []);
    this.level = this.field("level", "0.5", 5);
    this.shorter = this.field("shorter than", "10 µs", 7);
    this.longer = this.field("longer than", "", 7);
    this.pattern = make("span", { className: "labkit-pattern" });
    this.element.append(this.pattern);
    this.mode = this.select("mode", ["auto", "normal", "single"].map((mode) => [mode, mode]));
    this.pre = this.field("% before", "20", 3);
    this.button("use", "Set", () => this.set());
    this.button("arm", "Arm again", () => this.arm());
    this.button("off", "Off", () => this.use(null));
    this.state = make("output", { className: "labkit-trigger-state" });
    this.element.append(this.state);
    for (const each of [this.how, this.channel]) each.addEventListener("change", () => this.fit());
    el.append(this.element);
  }
  select(label, options) {
    const made = make("select");
    for (const [value, text] of options) made.append(make("option", { value, textContent: text }));
    return this.labelled(label, made);
  }
  field(label, value, size) { return this.labelled(label, make("input", { type: "text", value, size })); }
  labelled(label, control) {
    const around = make("label", { textContent: `${label} ` });
    around.append(control);
    this.element.append(around);
    return control;
  }
  button(name, text, act) {
    const made = make("button", { type: "button", className: "labkit-small", textContent: text });
    made.addEventListener("click", act);
    this.element.append(made);
    this[`${name}Button`] = made;
  }
  setup({ lanes, trigger, state }) {
    this.lanes = lanes;
    this.channel.replaceChildren(...lanes.map(({ name }) => make("option", { value: name, textContent: name })));
    this.pattern.replaceChildren(...lanes.map((lane) => {
      const choice = make("select");
      choice.dataset.channel = lane.name;
      for (const [value, text] of [["", "any"], ["1", "high"], ["0", "low"]]) choice.append(make("option", { value, textContent: text }));
      choice.value = lane.name in (trigger?.wanted ?? {}) ? String(Number(trigger.wanted[lane.name])) : "";
      const around = make("label", { textContent: `${lane.name} ` });
      around.append(choice);
      return around;
    }));
    if (trigger) {
      this.how.value = trigger.how;
      if (trigger.channel) this.channel.value = trigger.channel;
      this.mode.value = trigger.mode;
      this.level.value = String(trigger.level);
      this.pre.value = String(Math.round(100 * trigger.pre));
      this.shorter.value = trigger.shorter ? seconds(trigger.shorter) : "";
      this.longer.value = trigger.longer ? seconds(trigger.longer) : "";
    }
    this.armButton.disabled = state !== "stopped";
    this.offButton.disabled = !trigger;
    const text = !trigger ? "off" : state === "stopped" ? "triggered once; stopped" : "armed";
    if (this.state.textContent !== text) this.state.textContent = text;
    this.element.dataset.state = trigger ? state : "off";
    this.fit();
  }
  fit() {
    const how = this.how.value, shown = (control, is) => { control.closest("label").hidden = !is; };
    const isDigital = this.lanes.find(({ name }) => name === this.channel.value)?.digital;
    shown(this.channel, how !== "pattern");
    // Pins are high or low: one half is the level between.
    shown(this.level, how === "pattern" ? this.lanes.some(({ digital }) => !digital) : !isDigital);
    shown(this.shorter, how.endsWith("pulse"));
    shown(this.longer, how.endsWith("pulse"));
    this.pattern.hidden = how !== "pattern";
  }
  set() {
    const how = this.how.value, pulse = how.endsWith("pulse"), wanted = {};
    for (const choice of this.pattern.querySelectorAll("select")) if (how === "pattern" && choice.value) wanted[choice.dataset.channel] = choice.value === "1";
    const limit = (field) => (pulse && field.value.trim() ? parseSeconds(field.value) ?? NaN : null);
    const [shorter, longer, level, pre] = [limit(this.shorter), limit(this.longer), Number(this.level.value), Number(this.pre.value) / 100];
    if ([shorter, longer, level, pre].some(Number.isNaN)) return this.complain("Write times as 10 µs, 5 ms or 0.2 s, and levels as numbers.");
    this.use({ how, channel: how === "pattern" ? "" : this.channel.value, wanted, level, shorter, longer, mode: this.mode.value, pre });
  }
}
