internal import Pipeline
internal import Settings

/// Words and lines that commands about a fleet have in common.
enum FleetText {
    static func table(_ elements: [Tree], _ columns: [FleetColumn]) -> [String] {
        let right = Set(columns.indices.filter { columns[$0].isNumber })
        return PlainText.table(
            columns.map(\.title), elements.map { element in columns.map { $0.cell(element) } }, right: right)
    }

    /// `key: value` for each key that is there, in columns.
    static func facts(_ tree: Tree, _ facts: [(title: String, key: String)]) -> [String] {
        let known = facts.compactMap { fact -> (String, String)? in
            let text = tree.shown(fact.key)
            return text.isEmpty ? nil : (fact.title, text)
        }
        let width = known.map(\.0.count).max() ?? 0
        return known.map { title, text in
            "\(title):" + String(repeating: " ", count: width - title.count + 1) + text
        }
    }

    /// `env=prod, region=eu` of a map.
    static func labels(_ tree: Tree?) -> String {
        (tree?.table ?? []).map { entry in
            PlainText.line("\(entry.key)=\(entry.value.text ?? entry.value.json())")
        }.joined(separator: ", ")
    }

    /// `3 healthy, 1 failed` of a map of numbers, without those that are 0.
    static func counts(_ tree: Tree?) -> String {
        let parts = (tree?.table ?? []).compactMap { entry -> String? in
            guard let number = entry.value.text.flatMap({ Int($0) }), number > 0 else { return nil }
            return "\(grouped(number)) \(words(entry.key))"
        }
        return parts.joined(separator: ", ")
    }

    /// `rolling back` for `rolling_back`.
    static func words(_ text: String) -> String { PlainText.line(text).replacing("_", with: " ") }

    /// `1,240` for 1240.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }

    /// `1 agent`, `3 agents`.
    static func count(_ number: Int, _ word: String) -> String {
        "\(grouped(number)) \(word)\(number == 1 ? "" : "s")"
    }

    /// Text of several lines, each fit for a terminal; tabs stay.
    static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { PlainText.line(String($0)) }
                .joined(separator: "\t")
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The files of a configuration, each under its name unless it is the only one.
    static func files(_ tree: Tree) -> [String] {
        let files = tree.elements("files")
        return files.flatMap { file in
            (files.count > 1 || !file.shown("name").isEmpty ? ["# \(file.shown("name"))"] : [])
                + lines(file["body"]?.text ?? "")
        }
    }

    /// What tells two configurations apart: the text, or the values where only those differ.
    static func difference(_ tree: Tree) -> [String] {
        let text = lines(tree["text"]?.text ?? "")
        if !text.isEmpty { return text }
        let differences = PlanText.differences(tree.elements("differences"))
        return differences.isEmpty ? ["no differences"] : differences
    }

    /// Splits `key=value`.
    static func pair(_ text: String) -> (key: String, value: String)? {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// Seconds from one time of RFC 3339 to another, or to now.
    static func seconds(since start: String, now: UInt64) -> Int? {
        PlainText.seconds(start).map { Int(now / 1_000_000_000) - $0 }
    }
}
