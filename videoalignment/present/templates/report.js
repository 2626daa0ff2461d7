// Plays A and B in step. One clock rules, A's, in seconds; B is where the pieces say.
(() => {
  "use strict";
  const { player, extent } = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const slider = $("slider"), playButton = $("play"), soundButton = $("sound");
  const sides = ["a", "b"].map((letter) => {
    const video = $("video-" + letter);
    return { letter, video, figure: video.closest("figure"), wanted: null, ...player[letter] };
  });
  const [a, b] = sides;
  const SEEK_BEYOND = 0.25;  // s of drift that only a jump repairs
  const SAME_FRAME = 0.001;  // s past a frame's begin, so that rounding does not show the one before
  let now = player.start, playing = false, lastTick = 0, sounding = null;

  // Where a video has to be at the moment t: its own time and how fast it runs there.
  // Where it does not exist: why, and its nearest frame.
  const inA = (t) =>
    t < 0 ? { away: "A has not begun", time: 0 }
    : t > a.duration ? { away: "A has ended", time: a.duration }
    : { time: t, speed: 1 };
  const inB = (t) => {
    const pieces = player.pieces;
    const piece = pieces.find((p) => t >= p.begin_a_s && t <= p.end_a_s);
    if (piece) {
      const time = piece.begin_b_s + (t - piece.begin_a_s) * piece.speed;
      return { time, speed: piece.speed, piece };
    }
    if (t < pieces[0].begin_a_s) return { away: "B has not begun", time: 0 };
    if (t > pieces.at(-1).end_a_s) return { away: "B has ended", time: b.duration };
    return { away: "B has nothing here", time: 0 };
  };
  // The moment t that a playing video stands at.
  const clockOf = (side) => {
    const time = side.video.currentTime - side.first - SAME_FRAME;
    const { piece, speed } = side.wanted;
    return piece ? piece.begin_a_s + (time - piece.begin_b_s) / speed : time;
  };

  const written = (s) => {
    const ms = Math.round(Math.abs(s) * 1000), minutes = Math.floor(ms / 60000);
    const hours = Math.floor(minutes / 60);
    const head = hours ? hours + ":" + String(minutes % 60).padStart(2, "0") : minutes;
    return (s < -0.0005 ? "-" : "") + head + ":" + ((ms % 60000) / 1000).toFixed(3).padStart(6, "0");
  };

  const jump = (side) => { side.video.currentTime = side.first + side.wanted.time + SAME_FRAME; };

  function place(t, { seek }) {
    now = Math.min(Math.max(t, player.begin), player.end);
    slider.value = now;
    for (const side of sides) {
      const { video } = side, before = side.wanted;
      const wanted = side.wanted = (side === a ? inA : inB)(now);
      const away = side.figure.querySelector(".away");
      away.hidden = !wanted.away;
      away.textContent = wanted.away || "";
      side.figure.querySelector("output").textContent = wanted.away ? "–" : written(wanted.time);
      const drift = side.first + wanted.time + SAME_FRAME - video.currentTime;
      const cut = before?.away !== wanted.away || before?.piece !== wanted.piece;
      if (seek || cut || (!wanted.away && Math.abs(drift) > SEEK_BEYOND)) jump(side);
      if (wanted.away) { video.pause(); continue; }
      // A small drift is caught up by running a little faster or slower.
      const nudge = playing && side !== leader() ? Math.min(Math.max(drift, -0.05), 0.05) : 0;
      const rate = Math.min(Math.max(wanted.speed + nudge, 0.1), 8);
      if (Math.abs(video.playbackRate - rate) > 0.002) video.playbackRate = rate;
      if (playing && video.paused && !video.ended) video.play().catch(() => {});
      if (!playing && !video.paused) video.pause();
    }
    drawNow();
  }

  // The video whose own clock the other follows: the one that is heard, else A, else B.
  function leader() {
    const runs = (side) => side && side.wanted && !side.wanted.away && !side.video.paused && !side.video.ended;
    return [sounding, a, b].find(runs) || null;
  }

  function tick(time) {
    if (!playing) return;
    const lead = leader();
    const passed = Math.min((time - lastTick) / 1000, 0.1);
    lastTick = time;
    place(lead ? clockOf(lead) : now + passed, { seek: false });
    if (now >= player.end) setPlaying(false);
    requestAnimationFrame(tick);
  }

  function setPlaying(on) {
    playing = on;
    playButton.textContent = on ? "Pause" : "Play";
    if (on && now >= player.end) now = player.begin;
    place(now, { seek: !on });
    if (on) { lastTick = performance.now(); requestAnimationFrame(tick); }
  }

  function setSound(side) {
    sounding = side;
    for (const each of sides) each.video.muted = each !== side;
    soundButton.textContent = "Sound: " + (side ? side.letter.toUpperCase() : "off");
  }

  function drawNow() {
    const [a0, a1, b0, b1] = extent;
    const line = (element, ends, side, part) => {
      element.style.visibility = !side.wanted.away && part >= 0 && part <= 1 ? "visible" : "hidden";
      for (const end of ends) element.setAttribute(end, part * 100);
    };
    line($("now-a"), ["x1", "x2"], a, (a.wanted.time - a0) / (a1 - a0));
    line($("now-b"), ["y1", "y2"], b, 1 - (b.wanted.time - b0) / (b1 - b0));
  }

  slider.min = player.begin;
  slider.max = player.end;
  slider.addEventListener("input", () => place(Number(slider.value), { seek: true }));
  slider.addEventListener("keydown", (event) => {
    const frames = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!frames) return;
    event.preventDefault();
    place(now + frames * player.frame, { seek: true });
  });
  playButton.addEventListener("click", () => setPlaying(!playing));

  const audible = sides.filter((side) => side.sound);
  soundButton.hidden = !audible.length;
  soundButton.addEventListener("click", () => {
    const choices = [...audible, null];
    setSound(choices[(choices.indexOf(sounding) + 1) % choices.length]);
  });

  for (const pair of document.querySelectorAll(".pair")) {
    pair.addEventListener("click", () => {
      place(Number(pair.dataset.seek), { seek: true });
      $("player").scrollIntoView({ behavior: "smooth" });
    });
  }
  $("similarity").addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    place(extent[0] + ((event.clientX - box.left) / box.width) * (extent[1] - extent[0]), { seek: true });
  });
  for (const side of sides) {
    const sources = side.video.querySelectorAll("source");
    sources[sources.length - 1].addEventListener("error", () => { $("missing").hidden = false; });
    side.video.addEventListener("loadedmetadata", () => place(now, { seek: true }));
  }
  setSound(null);
  place(now, { seek: true });
})();
