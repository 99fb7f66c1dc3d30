// The visitor's camera: frames while a button is held ("record"), or one after the other, each once
// the last one was answered ("live"). See camera.py for what comes in and what goes out.
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".asl-camera");
  box.camera ??= latest = new Camera(box);
  box.camera.update(data, setTriggerValue);
  if (left?.mode === data.mode) box.camera.take_over(left);
  return () => setTimeout(() => box.isConnected || leave(box.camera), 0); // also asked if not gone
}

const LEFT_MS = 1000; // after which a camera is off that nothing shows any more

// Where the page above changes, Streamlit builds this element anew: the picture goes on in that.
let latest = null;
let left = null;
function leave(camera) {
  camera.finish();
  const { stream, device } = camera;
  if (stream) {
    camera.stream = null;
    const mine = (left = { stream, device, mode: camera.data.mode });
    setTimeout(() => left === mine && stop(left), LEFT_MS);
    const next = latest !== camera && latest.parts.video.isConnected && !latest.stream;
    if (next && latest.data.mode === left.mode) latest.take_over(left);
  }
  camera.off();
}

function stop({ stream }) {
  stream.getTracks().forEach((track) => track.stop());
  left = null;
}

const HOLD_MS = 400; // a shorter press starts what the next press stops
const QUALITY = 0.9;
const ANSWER_MS = 5000; // after which an answer is not waited for any longer
const SAVED_MS = 60000;
const SAY_MS = 2500; // between two answers that are read out

const INSECURE =
  "The browser gives no camera to a page that comes over plain http from another machine. Open it " +
  "over https, or on the server itself as localhost, or use image files instead.";
const REASONS = {
  NotAllowedError:
    "The camera is blocked for this page. Allow it at the lock or camera sign in the address bar, " +
    "then try again; or use image files instead.",
  NotFoundError: "No camera was found. Connect one and try again, or use image files instead.",
  NotReadableError:
    "The camera is in use by another program, or does not answer. Close that program and try again.",
};
REASONS.SecurityError = REASONS.NotAllowedError;
REASONS.OverconstrainedError = REASONS.NotFoundError;
REASONS.AbortError = REASONS.NotReadableError;

class Camera {
  constructor(box) {
    this.box = box;
    const find = (name) => box.querySelector(`.asl-camera-${name}`);
    this.parts = Object.fromEntries(
      [
        ..."video view power hold choice count says status answer rate".split(" "),
        ..."word letters spelled".split(" "),
      ].map((name) => [name, find(name)])
    );
    this.stream = null;
    this.frames = null; // of the recording under way
    this.sending = 0; // when frames were sent whose answer is waited for
    this.number = 0;
    this.answers = [];
    this.edits = []; // of the word, not sent yet
    this.canvas = document.createElement("canvas");
    this.listen(box);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    const first = !this.answers.length;
    this.parts.hold.textContent = this.frames ? "Release to stop" : data.label;
    if (data.mode === "live") {
      this.spell(data.word);
      this.take(data.answer);
    } else if (this.sending && data.answered !== this.before) this.saved(data.told);
    this.show();
    if (data.word && first && this.answers.length) this.box.scrollIntoView({ block: "nearest" });
  }

  listen(box) {
    const { power, hold, choice, word } = this.parts;
    for (const button of word.querySelectorAll("button"))
      button.onclick = () => this.edit(button.value);
    power.onclick = () => (this.stream ? this.off() : this.on());
    choice.onchange = () => this.on(choice.value);
    hold.onpointerdown = (event) => {
      if (event.button) return;
      hold.setPointerCapture(event.pointerId);
      this.press();
    };
    hold.onpointerup = hold.onpointercancel = () => this.release();
    hold.oncontextmenu = (event) => event.preventDefault(); // of a long touch
    hold.onkeydown = (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) this.press();
    };
    hold.onkeyup = (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      this.release();
    };
    hold.onclick = (event) => event.detail || this.press(); // of what presses no key and no button
    const hidden = () => {
      if (!box.isConnected) return document.removeEventListener("visibilitychange", hidden);
      if (document.hidden && this.stream) {
        this.off();
        this.resumes = true;
      } else if (!document.hidden && this.resumes) this.on(this.device);
    };
    document.addEventListener("visibilitychange", hidden);
    const looking = setInterval(() => {
      if (!box.isConnected) clearInterval(looking);
      if (this.stream && !box.checkVisibility()) this.off(); // folded up, or gone
    }, 1000);
  }

  async on(device) {
    if (!window.isSecureContext || !navigator.mediaDevices) return this.say(INSECURE);
    this.off();
    this.resumes = false;
    this.say("Waiting for the camera. Your browser may ask whether this page may use it.");
    const size = { width: { ideal: 640 }, height: { ideal: 480 } };
    const which = device ? { deviceId: { exact: device } } : { facingMode: "user" };
    const asked = (this.asked = {});
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which } });
      if (asked !== this.asked || !this.parts.video.isConnected || document.hidden)
        return stream.getTracks().forEach((track) => track.stop());
      await this.started(stream, device);
    } catch (error) {
      if (asked !== this.asked) return;
      this.off();
      this.say(REASONS[error.name] ?? `The camera can't be used: ${error.message}`);
    }
  }

  take_over({ stream, device }) {
    left = null;
    this.started(stream, device);
  }

  async started(stream, device) {
    const { video, choice } = this.parts;
    const [track] = stream.getVideoTracks();
    const { facingMode, deviceId } = track.getSettings();
    this.stream = stream;
    this.device = device ?? deviceId;
    track.onended = () => {
      this.off();
      this.say("The camera was switched off, or unplugged.");
    };
    video.srcObject = stream;
    video.classList.toggle("asl-camera-mirrored", facingMode !== "environment");
    await video.play();
    this.say("");
    const found = (await navigator.mediaDevices.enumerateDevices()).filter(
      (one) => one.kind === "videoinput" && one.deviceId
    );
    choice.replaceChildren(
      ...found.map((one, i) => new Option(one.label || `Camera ${i + 1}`, one.deviceId))
    );
    choice.value = this.device;
    this.show();
    if (this.data.mode === "live") this.next();
  }

  off() {
    this.finish();
    this.asked = this.resumes = null;
    clearTimeout(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.parts.video.srcObject = null;
    this.waits = false;
    this.answers = [];
    this.say("");
    this.show();
  }

  // ---- record

  press() {
    if (this.frames) return this.finish();
    if (!this.stream || this.sending) return;
    this.frames = [];
    this.target = this.data.target; // the page may change meanwhile
    this.pressed = performance.now();
    this.ticking = setInterval(() => this.tick(), 1000 / this.data.per_second);
    this.tick();
    this.show();
  }

  release() {
    if (this.frames && performance.now() - this.pressed > HOLD_MS) this.finish();
    else if (this.frames) this.parts.hold.textContent = "Press again to stop";
  }

  tick() {
    const image = this.capture();
    if (image) this.frames.push(image);
    this.parts.count.textContent = this.frames.length;
    if (this.frames.length >= this.data.most) this.finish();
  }

  finish() {
    const frames = this.frames;
    if (!frames) return;
    clearInterval(this.ticking);
    this.frames = null;
    if (frames.length) {
      this.before = this.data.answered;
      this.sending = performance.now();
      this.timer = setTimeout(() => this.saved("The server did not answer. Try again."), SAVED_MS);
      this.tell(`Saving ${frames.length} images`);
      this.send("frames", { target: this.target, images: frames });
    }
    this.show();
  }

  saved(told) {
    clearTimeout(this.timer);
    this.sending = 0;
    this.tell(told);
    this.show();
  }

  // ---- live

  next() {
    clearTimeout(this.timer);
    if (!this.stream) return;
    const image = this.capture();
    if (!image) return (this.timer = setTimeout(() => this.next(), 100));
    this.number += 1;
    this.taken = performance.now();
    this.waits = true;
    this.timer = setTimeout(() => this.next(), ANSWER_MS);
    this.send("frame", { number: this.number, image, at: this.taken / 1000, edits: this.edits });
    this.edits = [];
  }

  take(answer) {
    if (!this.waits || answer?.number !== this.number) return;
    this.waits = false;
    clearTimeout(this.timer);
    const now = performance.now();
    const wait = Math.max(1000 / this.data.per_second - (now - this.taken), answer.wait * 1000, 0);
    this.timer = setTimeout(() => this.next(), wait);
    if (answer.wait) return;
    this.answers = [...this.answers.filter((at) => now - at < 3000), now];
    const [first] = this.answers;
    const rate = this.answers.length > 1 ? (this.answers.length - 1) / ((now - first) / 1000) : 0;
    const age = Math.round(now - this.taken);
    this.parts.rate.textContent = `${rate.toFixed(1)} answers a second, each ${age} ms after its frame`;
    this.answer(answer, now);
  }

  answer({ error, label, confidence, bars }, now) {
    const { answer } = this.parts;
    if (error) return this.say(error);
    this.say("");
    answer.querySelector(".asl-camera-label").textContent = label;
    answer.querySelector(".asl-camera-confidence").textContent = confidence;
    const list = answer.querySelector("dl");
    const names = bars.map(([name]) => name).join("\n");
    if (list.names !== names) {
      list.names = names;
      list.replaceChildren(...bars.flatMap(([name]) => bar(name)));
    }
    bars.forEach(([, share], i) => {
      const value = list.children[2 * i + 1];
      value.style.setProperty("--share", share);
      value.lastChild.textContent = `${Math.round(100 * share)} %`;
    });
    if (!this.data.word && now - (this.said ?? 0) > SAY_MS && label !== this.last) {
      this.said = now;
      this.last = label;
      this.tell(`${label}, ${confidence}`);
    }
  }

  // ---- spell

  // What a button does to the word goes with the next frame: of two messages at once one may be lost.
  edit(what) {
    if (what === "copy") return this.copy();
    this.edits.push(what);
    if (this.stream) return;
    this.send("frame", { edits: this.edits });
    this.edits = [];
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.text);
      this.say("");
      this.parts.spelled.textContent = "Copied";
    } catch {
      this.say("The browser does not let this page copy. Select the word and copy it.");
    }
  }

  spell(word) {
    const { letters, spelled, word: box } = this.parts;
    const text = (word?.letters ?? []).map(({ name }) => name).join("");
    if (!word || text === this.text) return;
    const longer = text.length > (this.text ?? "").length;
    this.text = text;
    letters.replaceChildren(...(text ? word.letters.map(tile) : [word.hint]));
    letters.classList.toggle("asl-camera-hint", !text);
    letters.scrollLeft = letters.scrollWidth;
    const last = word.letters.at(-1);
    const added = longer && last.share ? `${last.name}, ${last.share}. ` : "";
    spelled.textContent = text ? `${added}Spelled: ${text}` : word.hint;
    for (const button of box.querySelectorAll("button")) button.disabled = !text;
  }

  // ---- both

  // The center square as it is seen by others: never mirrored.
  capture() {
    const { video } = this.parts;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (!side) return null;
    const size = (this.canvas.width = this.canvas.height = this.data.side);
    const left = (video.videoWidth - side) / 2;
    const top = (video.videoHeight - side) / 2;
    this.canvas.getContext("2d").drawImage(video, left, top, side, side, 0, 0, size, size);
    return this.canvas.toDataURL("image/jpeg", QUALITY);
  }

  show() {
    const { power, hold, choice, count, view, answer, status, word } = this.parts;
    const on = Boolean(this.stream);
    const live = this.data.mode === "live";
    view.hidden = !on;
    status.classList.toggle("asl-camera-unseen", live); // it repeats what is large
    power.textContent = on ? "Turn the camera off" : "Turn on the camera";
    power.classList.toggle("asl-camera-first", !on);
    hold.hidden = !on || live;
    hold.setAttribute("aria-disabled", String(Boolean(this.sending)));
    hold.classList.toggle("asl-camera-recording", Boolean(this.frames));
    hold.textContent = this.frames ? "Release to stop" : this.sending ? "Saving" : this.data.label;
    choice.hidden = !on || choice.options.length < 2;
    count.hidden = !this.frames;
    answer.hidden = !on || !live || !this.answers.length;
    word.hidden = !live || !this.data.word || (!on && !this.text);
  }

  say(text) {
    this.parts.says.textContent = text;
    this.parts.says.hidden = !text;
  }

  tell(text) {
    this.parts.status.textContent = text ?? "";
  }
}

function bar(name) {
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = term.title = name;
  value.append(document.createElement("i"), document.createElement("span"));
  return [term, value];
}

function tile({ name, share }) {
  const letter = document.createElement("span");
  const small = document.createElement("small");
  letter.textContent = name;
  small.textContent = share;
  letter.append(small);
  return letter;
}
