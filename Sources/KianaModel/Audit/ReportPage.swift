/// A report as one page that needs nothing else: no script, no font, no picture from anywhere.
///
/// Everything that comes from the log goes through `escape`. Colours follow the reader's choice of
/// light or dark; on paper it is light, and no row is torn apart.
enum ReportPage {
  static func bytes(_ report: AuditReport) -> [UInt8] {
    let title = "\(report.title), \(report.period.text)"
    let sections = report.sections()
    var out = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Audit report: \(escape(title))</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      <header>
      <p class="kind">Audit report</p>
      <h1>\(escape(report.title))</h1>
      <p class="period">\(escape(report.period.text)) <span>(UTC)</span></p>
      </header>
      <main>

      """
    for section in sections { add(section, to: &out) }
    out += """
      <section aria-labelledby="checkpoint">
      <h2 id="checkpoint">Checkpoint</h2>
      <p>The signed note that the figures above are tied to. Entries, places and hashes can be
      checked against its root with 'kiana-audit prove' and 'kiana-audit verify'.</p>
      <pre>\(escape(report.seal.note))</pre>
      </section>
      </main>
      </body>
      </html>

      """
    return Array(out.utf8)
  }

  /// Text of others in a page: no tag, no attribute and no entity comes through.
  static func escape(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in Printable.text(text).unicodeScalars {
      switch scalar {
      case "&": out.append(contentsOf: "&amp;".unicodeScalars)
      case "<": out.append(contentsOf: "&lt;".unicodeScalars)
      case ">": out.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
      case "'": out.append(contentsOf: "&#39;".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  private static func add(_ section: ReportSection, to out: inout String) {
    out += "<section aria-labelledby=\"\(section.key)\">\n"
    out += "<h2 id=\"\(section.key)\">\(escape(section.title))</h2>\n"
    addFacts(section, to: &out)
    for chart in section.charts where !chart.isEmpty { chart.add(to: &out) }
    addTable(section, to: &out)
    out += "</section>\n"
  }

  private static func addFacts(_ section: ReportSection, to out: inout String) {
    guard !section.facts.isEmpty else { return }
    out += "<dl>\n"
    for fact in section.facts {
      let value = fact.isMarked ? "<strong>\(inner(fact.cell))</strong>" : inner(fact.cell)
      out += "<div\(fact.isMarked ? " class=\"mark\"" : "")>"
      out += "<dt>\(escape(fact.title))</dt><dd>\(value)</dd></div>\n"
    }
    out += "</dl>\n"
  }

  private static func addTable(_ section: ReportSection, to out: inout String) {
    guard !section.columns.isEmpty else { return }
    guard !section.rows.isEmpty else {
      out += "<p class=\"none\">\(escape(section.none))</p>\n"
      return
    }
    let slim = section.columns.count <= 3 ? " class=\"slim\"" : ""
    out += "<div class=\"wide\">\n<table\(slim)>\n<caption>\(escape(section.caption))</caption>\n"
    out += "<thead><tr>"
    for column in section.columns {
      let kind = column.isNumber ? " class=\"n\"" : ""
      out += "<th scope=\"col\"\(kind)>\(escape(column.title))</th>"
    }
    out += "</tr></thead>\n<tbody>\n"
    for row in section.rows {
      out += "<tr>"
      for (index, pair) in zip(section.columns, row).enumerated() {
        let kind = kind(pair.0, pair.1)
        out +=
          index == 0
          ? "<th scope=\"row\"\(kind)>\(inner(pair.1))</th>" : "<td\(kind)>\(inner(pair.1))</td>"
      }
      out += "</tr>\n"
    }
    out += "</tbody>\n</table>\n</div>\n"
    if let leftOut = section.leftOut { out += "<p class=\"none\">\(escape(leftOut))</p>\n" }
  }

  private static func kind(
    _ column: ReportSection.Column, _ cell: ReportSection.Cell
  ) -> String {
    if column.isShort { return " class=\"s\"" }
    guard column.isNumber else { return "" }
    return cell == .number(0) ? " class=\"n z\"" : " class=\"n\""
  }

  private static func inner(_ cell: ReportSection.Cell) -> String {
    switch cell {
    case .code: "<code>\(escape(cell.shown))</code>"
    case .own: "<span class=\"s\">\(escape(cell.shown))</span>"
    default: escape(cell.shown)
    }
  }

  private static let style = """
    :root { --ink: #1c2430; --soft: #5a6675; --line: #d5dbe3; --page: #ffffff; --box: #f5f7fa;
      --ok: #3f78c9; --fail: #d99a1b; --deny: #c8403f; --error: #7a4bb0;
      --valid: #2f8f6b; --invalid: #c8403f; --unknown: #9aa4b1; }
    @media screen and (prefers-color-scheme: dark) {
      :root { --ink: #e4e9f0; --soft: #9aa7b8; --line: #37414f; --page: #14191f; --box: #1c232c;
        --ok: #6ea2ea; --fail: #e6b450; --deny: #e8706d; --error: #ab85dc;
        --valid: #58b592; --invalid: #e8706d; --unknown: #7b8795; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 62rem; background: var(--page);
      color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    header { border-bottom: 3px solid var(--ok); margin-bottom: 1.5rem; }
    h1 { font-size: 2rem; line-height: 1.2; margin: 0; }
    h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
    .kind { margin: 0; color: var(--soft); text-transform: uppercase; letter-spacing: .08em;
      font-size: .85rem; }
    .period { margin: .2rem 0 1rem; font-size: 1.15rem; }
    .period span, .none { color: var(--soft); }
    dl { margin: 0; border-top: 1px solid var(--line); }
    dl div { display: flex; gap: 1rem; padding: .3rem .4rem; border-bottom: 1px solid var(--line); }
    .mark { background: var(--box); box-shadow: inset 3px 0 var(--fail); }
    dt { flex: 0 0 24rem; color: var(--soft); }
    dd { margin: 0; min-width: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .wide { overflow-x: auto; margin-top: .8rem; }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; }
    .slim { width: auto; min-width: 24rem; }
    caption { text-align: left; color: var(--soft); padding: .2rem .4rem .4rem; }
    th, td { padding: .25rem .5rem; text-align: left; vertical-align: top; font-weight: normal;
      border-bottom: 1px solid var(--line); }
    thead th { font-weight: 600; border-bottom: 2px solid var(--line); background: var(--box);
      vertical-align: bottom; }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    thead .n { white-space: normal; }
    .s, .s code { white-space: nowrap; }
    .z { color: var(--soft); opacity: .65; }
    code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace;
      font-size: .86em; }
    code { overflow-wrap: anywhere; }
    pre { background: var(--box); border: 1px solid var(--line); border-radius: 4px;
      padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    figure { margin: .8rem 0 0; }
    figcaption { color: var(--soft); font-size: .9rem; }
    svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--soft); font-size: 120px; }
    svg line { stroke: var(--line); stroke-width: 8; }
    .key { display: inline-block; margin-right: 1.1rem; }
    .key i { display: inline-block; width: .75rem; height: .75rem; margin-right: .35rem;
      border-radius: 2px; }
    .s-ok { fill: var(--ok); background: var(--ok); }
    .s-fail { fill: var(--fail); background: var(--fail); }
    .s-deny { fill: var(--deny); background: var(--deny); }
    .s-error { fill: var(--error); background: var(--error); }
    .s-valid { fill: var(--valid); background: var(--valid); }
    .s-invalid { fill: var(--invalid); background: var(--invalid); }
    .s-unknown { fill: var(--unknown); background: var(--unknown); }
    @media (max-width: 40rem) { dl div { display: block; } body { padding: 1rem .8rem; } }
    @media print {
      @page { margin: 16mm 14mm; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      h2, caption { break-after: avoid; }
      dt { flex-basis: 50%; }
      tr, dl div, figure, pre { break-inside: avoid; }
      thead { display: table-header-group; }
      .wide { overflow: visible; }
      .s-ok, .s-fail, .s-deny, .s-error, .s-valid, .s-invalid, .s-unknown, thead th {
        print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}

extension ReportChart {
  /// Sizes in tenths of a point of the picture, so that all arithmetic is of integers.
  private static let width: Int64 = 9600
  private static let height: Int64 = 2500
  private static let left: Int64 = 900
  private static let bottom: Int64 = 2200
  private static let ceiling: Int64 = 150
  /// So that one entry beside a million is still seen.
  private static let leastHeight: Int64 = 14

  func add(to out: inout String) {
    let escape = ReportPage.escape
    out += "<figure>\n<figcaption>"
    for name in series {
      out += "<span class=\"key\"><i class=\"s-\(name)\"></i>\(escape(name))</span>"
    }
    out += "</figcaption>\n"
    out += "<svg viewBox=\"0 0 \(Self.width) \(Self.height)\" role=\"img\""
    out += " aria-labelledby=\"\(key)-title \(key)-desc\">\n"
    out += "<title id=\"\(key)-title\">\(escape(title))</title>\n"
    out += "<desc id=\"\(key)-desc\">\(escape(description))</desc>\n"
    addGrid(to: &out)
    for (index, bar) in bars.enumerated() { add(bar, at: Int64(index), to: &out) }
    out += "</svg>\n</figure>\n"
  }

  private var description: String {
    let sums = series.indices.map { index in
      "\(series[index]) \(ReportWords.grouped(bars.reduce(0) { $0 + $1.values[index] }))"
    }
    var text = "\(bars.count) bars from \(bars.first?.name ?? "") to \(bars.last?.name ?? ""): "
    text += sums.joined(separator: ", ")
    if let highest = bars.max(by: { $0.sum < $1.sum }) {
      text += "; the highest is \(highest.name) with \(ReportWords.grouped(highest.sum))"
    }
    return text
  }

  private func addGrid(to out: inout String) {
    let steps: [Int64] = top.isMultiple(of: 4) ? [0, 1, 2, 3, 4] : top > 1 ? [0, 2, 4] : [0, 4]
    for step in steps where top * step % 4 == 0 || step == 4 || step == 0 {
      let y = Self.bottom - (Self.bottom - Self.ceiling) * step / 4
      out += "<line x1=\"\(Self.left)\" x2=\"\(Self.width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
      out += "<text x=\"\(Self.left - 60)\" y=\"\(y + 42)\" text-anchor=\"end\">"
      out += "\(ReportWords.grouped(top * step / 4))</text>\n"
    }
  }

  private func add(_ bar: Bar, at index: Int64, to out: inout String) {
    let room = Self.width - Self.left
    let count = Int64(bars.count)
    let x = Self.left + room * index / count
    let slot = Self.left + room * (index + 1) / count - x
    let gap = min(slot / 5, 40)
    if let label = bar.label {
      out += "<text x=\"\(x + slot / 2)\" y=\"\(Self.bottom + 170)\" text-anchor=\"middle\">"
      out += "\(ReportPage.escape(label))</text>\n"
    }
    guard bar.sum > 0 else { return }
    let parts = zip(series, bar.values).map { "\($0) \(ReportWords.grouped($1))" }
    out += "<g><title>\(bar.name): \(parts.joined(separator: ", "))</title>"
    var y = Self.bottom
    for (name, value) in zip(series, bar.values) where value > 0 {
      let tall = max(value * (Self.bottom - Self.ceiling) / top, Self.leastHeight)
      y -= tall
      out += "<rect class=\"s-\(name)\" x=\"\(x + gap / 2)\" y=\"\(y)\""
      out += " width=\"\(slot - gap)\" height=\"\(tall)\"/>"
    }
    out += "</g>\n"
  }
}
