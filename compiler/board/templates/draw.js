// Draws each chart of the page. Expressions are interpreted and never evaluated, so that the policy of the page can forbid it.
(function () {
  "use strict";
  var root = document.documentElement;
  var bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.dir = "auto";
  bubble.hidden = true;
  document.body.appendChild(bubble);

  // Says what a point is, beside it and inside the window.
  function point(handler, event, item, value) {
    if (value === null || value === undefined || value === "") {
      bubble.hidden = true;
      return;
    }
    bubble.textContent = String(value);
    bubble.hidden = false;
    var box = bubble.getBoundingClientRect();
    var left = Math.min(event.clientX + 14, root.clientWidth - box.width - 8);
    var top = event.clientY + 16;
    if (top + box.height > window.innerHeight - 8) {
      top = event.clientY - box.height - 12;
    }
    bubble.style.left = Math.max(8, left) + "px";
    bubble.style.top = Math.max(8, top) + "px";
  }

  var charts = Array.prototype.slice.call(document.querySelectorAll("script.specification"));
  var drawing = charts.map(function (script) {
    var box = document.getElementById(script.dataset.chart);
    var words = box.innerHTML;
    return Promise.resolve().then(function () {
      var compiled = vegaLite.compile(JSON.parse(script.textContent)).spec;
      var runtime = vega.parse(compiled, null, { ast: true });
      box.textContent = "";
      var view = new vega.View(runtime, {
        renderer: "svg", container: box, hover: true, expr: vegaInterpreter.expressionInterpreter, logLevel: vega.Warn
      });
      view.tooltip(point);
      return view.runAsync();
    }).then(function () {
      // The box around it is the image and has its words.
      box.querySelector("svg").setAttribute("aria-hidden", "true");
      box.classList.add("drawn");
      return 1;
    }).catch(function (error) {
      // The words of the chart are still true.
      box.innerHTML = words;
      root.dataset.failed = script.dataset.chart;
      console.error(error);
      return 0;
    });
  });
  Promise.all(drawing).then(function (drawn) {
    root.dataset.drawn = String(drawn.reduce(function (sum, one) { return sum + one; }, 0));
  });

  // Paper has no click: all that can be opened is open on it.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("main details"), function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (one) { one.open = false; });
  });
  window.addEventListener("scroll", function () { bubble.hidden = true; }, { passive: true });
})();
