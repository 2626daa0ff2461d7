
// Plays all recordings of a group in step. One clock rules, the group's, in seconds: the moment t
// of a file is the group's moment begin + rate * t. Few videos are loaded at once.
(() => {
  "use strict";
  const MOST_LIVE = 12;      // videos that a browser plays together
  const SEEK_BEYOND = 0.25;  // s of drift that only a jump repairs
  const SAME_FRAME = 0.001;  // s past a frame's begin, so that rounding does not show the one before
  const SOON = 2;            // s before it begins that a recording is loaded
  const LABEL = 75;        // px between the axis' labels, at least

  const written = (s) => {
    const ms = Math.round(Math.abs(s) * 1000), minutes = Math.floor(ms / 60000);
    const hours = Math.floor(minutes / 60);
    const head = hours ? hours + ":" + String(minutes % 60).padStart(2, "0") : minutes;
    return (s < -0.0005 ? "-" : "") + head + ":" + ((ms % 60000) / 1000).toFixed(3).padStart(6, "0");
  };
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  class Recording {
    constructor(data, tile, lane) {
      Object.assign(this, data);
      this.tile = tile;
      this.lane = lane;
      this.name = tile.querySelector(".file").textContent;
      this.away = tile.querySelector(".away");
      this.still = tile.querySelector(".still");
      this.stills = [...lane.querySelectorAll(".pictures img")];
      this.visible = false;
      this.wanted = 0;   // when it was last asked for; the latest stay loaded
      this.media = null;
      this.broken = false;
    }
    end() { return this.begin + this.rate * this.duration; }
    own(t) { return (t - this.begin) / this.rate; }
    has(t) { return t >= this.begin && t <= this.end(); }
    load(muted, ready, failed) {
      if (this.media) return;
      const media = this.media = document.createElement(this.picture ? "video" : "audio");
      media.muted = muted;
      media.preload = "auto";
      media.playsInline = true;
      for (const url of this.urls) {
        const source = media.appendChild(document.createElement("source"));
        source.src = url;
      }
      media.lastElementChild.addEventListener("error", () => { this.broken = true; failed(); });
      media.addEventListener("loadeddata", ready, { once: true });
      // Until it stands at its moment, the still is nearer to that than its first frame.
      media.addEventListener("seeked", () => media.classList.add("ready"), { once: true });
      this.still.after(media);
    }
    unload() {
      if (!this.media) return;
      this.media.pause();
      this.media.replaceChildren();
      this.media.load();  // lets go of the file and the decoder
      this.media.remove();
      this.media = null;
    }
    drift(t) { return this.first + this.own(t) + SAME_FRAME - this.media.currentTime; }
    jump(t) { this.media.currentTime = Math.max(0, this.first + this.own(t) + SAME_FRAME); }
    clock() { return this.begin + (this.media.currentTime - this.first - SAME_FRAME) * this.rate; }
    runs() {
      const media = this.media;
      return media && !media.paused && !media.ended && !media.seeking && media.readyState > 2;
    }
    say(t) {
      const left = this.begin - t;
      const text = this.broken ? "cannot be played here"
        : left > SAME_FRAME ? "begins in " + (left < 10 ? (Math.ceil(left * 10 - 0.001) / 10).toFixed(1) : Math.round(left)) + " s"
        : t > this.end() ? "has ended" : "";
      if (this.away.textContent !== text) this.away.textContent = text;
      this.away.hidden = !text;
      if (!this.stills.length) return;
      const place = Math.floor((this.own(t) / this.duration) * this.stills.length);
      const still = this.stills[clamp(place, 0, this.stills.length - 1)];
      if (this.still.src !== still.src) this.still.src = still.src;
    }
  }

  class Group {
    constructor(section, data) {
      this.section = section;
      this.data = data;
      this.find = (selector) => section.querySelector(selector);
      const lanes = section.querySelectorAll(".lane");
      this.files = data.files.map((file, i) =>
        new Recording(file, section.querySelector(`.tile[data-file="${i}"]`), lanes[i]));
      this.now = data.begin;
      this.playing = false;
      this.active = false;   // in view
      this.sounding = null;
      this.asked = 0;
      this.zoom = 1;
      this.wire();
      new ResizeObserver(() => this.drawAxis()).observe(this.find(".axis"));
      this.place(this.now, true);
    }

    wire() {
      this.slider = this.find(".slider");
      this.slider.min = this.data.begin;
      this.slider.max = this.data.end;
      this.slider.addEventListener("input", () => this.place(Number(this.slider.value), true));
      this.slider.addEventListener("keydown", (event) => { if (steer(this, event)) event.preventDefault(); });
      this.find(".play").addEventListener("click", () => this.setPlaying(!this.playing));
      this.find(".in").addEventListener("click", () => this.setZoom(this.zoom * 2));
      this.find(".out").addEventListener("click", () => this.setZoom(this.zoom / 2));
      for (const file of this.files) {
        const hear = () => {
          file.wanted = ++this.asked;
          // A silent one only comes into play; what is heard goes on.
          this.hear(this.sounding === file ? null : file.sound ? file : this.sounding);
        };
        file.tile.addEventListener("click", hear);
        file.lane.querySelector(".name").addEventListener("click", hear);
      }
      const inner = this.find(".inner"), axis = this.find(".axis");
      const seek = (event) => {
        const box = axis.getBoundingClientRect();
        const part = (event.clientX - box.left) / box.width;
        this.place(this.data.begin + part * (this.data.end - this.data.begin), true);
      };
      inner.addEventListener("pointerdown", (event) => {
        if (event.button || event.target.closest(".name")) return;
        inner.setPointerCapture(event.pointerId);
        this.dragged = true;
        seek(event);
      });
      inner.addEventListener("pointermove", (event) => { if (this.dragged) seek(event); });
      for (const end of ["pointerup", "pointercancel"])
        inner.addEventListener(end, () => { this.dragged = false; });
    }

    // Which recordings to have loaded: the one that is heard, those asked for, those in sight.
    chooseLive() {
      const here = this.files.filter((file) => this.now >= file.begin - SOON * file.rate && this.now <= file.end());
      // Recorders come last: of one that is not heard there is nothing to see.
      const order = (file) => file === this.sounding ? Infinity
        : file.wanted + (file.visible ? 0.5 : 0) + (file.picture ? 0.25 : 0);
      const sight = here.filter((file) => file.visible || file.wanted || file === this.sounding);
      const live = this.active || this.playing
        ? new Set(sight.sort((a, b) => order(b) - order(a)).slice(0, MOST_LIVE)) : new Set();
      for (const file of this.files) {
        if (live.has(file) && !file.broken)
          file.load(file !== this.sounding, () => this.steady(file, true), () => this.place(this.now, false));
        else file.unload();
      }
      const stills = here.filter((file) => file.picture && file.visible && !live.has(file)).length;
      const note = this.find(".live");
      note.hidden = !stills;
      note.textContent = stills ? `${stills} of these show stills: ${MOST_LIVE} play at a time. Click one to have it among them.` : "";
      const broken = this.files.filter((file) => file.broken).map((file) => file.name);
      const missing = this.find(".missing");
      missing.hidden = !broken.length;
      missing.textContent = broken.length ? `Not playing here: ${broken.join(", ")}. Put them into the folder of this page; if they are there, your browser cannot play their format.` : "";
    }

    place(t, seek) {
      this.now = clamp(t, this.data.begin, this.data.end);
      this.slider.value = this.now;
      this.slider.setAttribute("aria-valuetext", written(this.now));
      this.find(".time").textContent = written(this.now);
      const part = (this.now - this.data.begin) / (this.data.end - this.data.begin);
      this.find(".playhead").style.left = part * 100 + "%";
      this.chooseLive();
      for (const file of this.files) {
        file.say(this.now);
        if (file.media) this.steady(file, seek);
      }
    }

    // Keep a loaded recording at the group's moment.
    steady(file, seek) {
      const media = file.media, here = file.has(this.now);
      if (!media || !media.readyState) return;
      const drift = file.drift(this.now);
      if ((seek || Math.abs(drift) > SEEK_BEYOND) && !(media.seeking && this.playing && !seek)) file.jump(this.now);
      if (!here || !this.playing) { if (!media.paused) media.pause(); return; }
      // A small drift is caught up by running a little faster or slower.
      const nudge = file === this.leader() ? 0 : clamp(drift, -0.05, 0.05);
      const rate = clamp(1 / file.rate + nudge, 0.1, 8);
      if (Math.abs(media.playbackRate - rate) > 0.0005) media.playbackRate = rate;
      if (media.paused && !media.ended) media.play().catch(() => {});
    }

    // The recording that the others follow: the one that is heard, else any that runs.
    leader() {
      if (this.sounding && this.sounding.runs()) return this.sounding;
      return this.files.find((file) => file.runs()) || null;
    }

    tick(time) {
      if (!this.playing) return;
      const lead = this.leader(), passed = Math.min((time - this.lastTick) / 1000, 0.1);
      this.lastTick = time;
      this.place(lead && lead.has(this.now) ? Math.max(lead.clock(), this.now - 1) : this.now + passed, false);
      if (this.now >= this.data.end) this.setPlaying(false);
      this.follow();
      requestAnimationFrame((next) => this.tick(next));
    }

    setPlaying(on) {
      if (on) for (const other of groups) if (other !== this && other.playing) other.setPlaying(false);
      current = this;
      this.playing = on;
      const button = this.find(".play");
      button.textContent = on ? "Pause" : "Play";
      button.setAttribute("aria-pressed", on);
      if (on && this.now >= this.data.end) this.now = this.data.begin;
      this.place(this.now, true);
      if (on) { this.lastTick = performance.now(); requestAnimationFrame((time) => this.tick(time)); }
    }

    hear(file) {
      current = this;
      this.sounding = file;
      for (const each of this.files) {
        const on = each === file;
        if (each.media) each.media.muted = !on;
        each.tile.setAttribute("aria-pressed", on);
        each.lane.querySelector(".name").setAttribute("aria-pressed", on);
      }
      const heard = this.find(".heard");
      heard.textContent = file ? "♪ " + file.name : "muted";
      heard.classList.toggle("on", Boolean(file));
      this.place(this.now, !this.playing);
    }

    setZoom(zoom) {
      const lanes = this.find(".lanes"), inner = this.find(".inner");
      const atLeast = 1, atMost = Math.max(1, Math.min(256, (this.data.end - this.data.begin) * 2));
      this.zoom = clamp(zoom, atLeast, atMost);
      inner.style.setProperty("--zoom", this.zoom);
      const head = this.find(".playhead").getBoundingClientRect().left - inner.getBoundingClientRect().left;
      lanes.scrollLeft = head - lanes.clientWidth / 2;
    }

    // Keep the playhead in sight where the lanes are wider than the page.
    follow() {
      if (this.zoom === 1 || this.dragged) return;
      const lanes = this.find(".lanes"), box = lanes.getBoundingClientRect();
      const names = this.find(".name").offsetWidth;
      const x = this.find(".playhead").getBoundingClientRect().left;
      if (x > box.right - 20 || x < box.left + names) lanes.scrollLeft += x - box.left - names - 30;
    }

    drawAxis() {
      const length = this.data.end - this.data.begin, axis = this.find(".axis");
      const rough = length * LABEL / Math.max(axis.clientWidth, LABEL);
      const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
      const step = steps.find((each) => each >= rough) || 14400;
      axis.replaceChildren();
      const fits = 1 - 45 / Math.max(axis.clientWidth, 46);  // a label is cut off at the end
      for (let i = 0; i * step <= length * fits; i++) {
        const tick = axis.appendChild(document.createElement("span"));
        const text = written(i * step);
        tick.textContent = step >= 1 ? text.slice(0, -4) : step >= 0.1 ? text.slice(0, -2) : text.slice(0, -1);
        tick.style.left = (i * step / length) * 100 + "%";
      }
    }
  }

  // Keys that move a group; returns whether it was one.
  function steer(group, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way) group.place(group.now + way * (event.shiftKey ? 1 : group.data.frame), true);
    else if (event.key === "Home") group.place(group.data.begin, true);
    else if (event.key === "End") group.place(group.data.end, true);
    else if (event.key === "m") group.hear(null);
    else if (event.key === " " || event.key === "k") group.setPlaying(!group.playing);
    else return false;
    return true;
  }

  // After a click with the mouse, space is to play, not to click once more.
  document.addEventListener("click", (event) => {
    const button = event.detail && event.target.closest("button");
    if (button) button.blur();
  });

  let current = null;
  const data = JSON.parse(document.getElementById("data").textContent);
  const groups = [];
  document.querySelectorAll(".group").forEach((section, i) => groups.push(new Group(section, data[i])));
  current = groups[0] || null;
  document.addEventListener("keydown", (event) => {
    const taken = event.target.closest("input, summary, a, .lanes") ||
      (event.key === " " && event.target.closest("button"));
    if (taken && !(event.key === " " && event.target.closest(".lanes"))) return;
    if (current && steer(current, event)) event.preventDefault();
  });
  const inSight = new IntersectionObserver((entries) => {
    const changed = new Set();
    for (const { target, isIntersecting } of entries) {
      const group = groups.find((each) => each.section.contains(target));
      changed.add(group);
      if (target === group.section) group.active = isIntersecting;
      else group.files[Number(target.dataset.file)].visible = isIntersecting;
    }
    for (const group of changed) group.place(group.now, false);
  }, { rootMargin: "100px" });
  for (const group of groups) {
    inSight.observe(group.section);
    for (const file of group.files) inSight.observe(file.tile);
  }
})();
