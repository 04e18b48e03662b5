internal import Wire

/// Reads a page in the text format or in OpenMetrics, one line at a time.
///
/// Nothing is copied and nothing kept: entries are places of the page, and only exemplars become values.
/// https://prometheus.io/docs/instrumenting/exposition_formats/
/// https://prometheus.io/docs/specs/om/open_metrics_spec/
struct TextParser: Sendable {
    let page: Bytes
    let isOpenMetrics: Bool
    var position = 0
    var bounds = PageBounds()
    private(set) var line = 0
    private var hasEnded = false

    init(_ page: Bytes, isOpenMetrics: Bool) {
        self.page = page
        self.isOpenMetrics = isOpenMetrics
    }

    /// The next entry; `nil` at the end of the page.
    mutating func next() throws(ExpositionError) -> ExpositionEntry? {
        while position < page.count {
            line += 1
            let end = endOfLine()
            defer { position = min(end.next, page.count) }
            guard !hasEnded else { throw error("there is more after # EOF") }
            skipBlanks(to: end.text)
            guard position < end.text else { continue }
            guard page[position] == UInt8(ascii: "#") else {
                return .sample(try sample(to: end.text))
            }
            if let entry = try comment(to: end.text) { return entry }
        }
        guard !isOpenMetrics || hasEnded else { throw error("# EOF is missing: the page was cut off") }
        return nil
    }

    func error(_ reason: String) -> ExpositionError { ExpositionError(reason, at: .line(line)) }

    /// Where the text of the line ends, and where the next line begins.
    private func endOfLine() -> (text: Int, next: Int) {
        let newline = page.firstIndex(of: UInt8(ascii: "\n"), from: position, to: page.count)
        let end = newline ?? page.count
        let hasReturn = end > position && page[end - 1] == UInt8(ascii: "\r")
        return (hasReturn ? end - 1 : end, end + 1)
    }

    mutating func skipBlanks(to end: Int) {
        while position < end, Self.isBlank(page[position]) { position += 1 }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The bytes up to the next blank.
    mutating func word(to end: Int) -> Range<Int> {
        let start = position
        while position < end, !Self.isBlank(page[position]) { position += 1 }
        return start..<position
    }

    // MARK: - Comments

    /// What a line that begins with `#` says; `nil` when it is for people.
    private mutating func comment(to end: Int) throws(ExpositionError) -> ExpositionEntry? {
        position += 1
        skipBlanks(to: end)
        let keyword = word(to: end)
        switch page[keyword].count <= 4 ? page[keyword].string : "" {
        case "EOF":
            if isOpenMetrics { hasEnded = true }
            return nil
        case "HELP":
            let name = try familyName(to: end)
            return .help(name: name, text: rest(to: end))
        case "UNIT" where isOpenMetrics:
            let name = try familyName(to: end)
            return .unit(name: name, text: rest(to: end))
        case "TYPE":
            let name = try familyName(to: end)
            let text = rest(to: end)
            guard text.count <= 16, let type = MetricType(word: page[text].string) else {
                throw error("'\(excerpt(text))' is no type of a metric")
            }
            return .type(name: name, type)
        default: return nil
        }
    }

    private mutating func familyName(to end: Int) throws(ExpositionError) -> Range<Int> {
        skipBlanks(to: end)
        guard position < end else { throw error("the name of a metric is missing") }
        if page[position] == UInt8(ascii: "\"") { return try quoted(to: end) }
        let name = word(to: end)
        guard isMetricName(name) else { throw error("'\(excerpt(name))' is no name of a metric") }
        return name
    }

    private mutating func rest(to end: Int) -> Range<Int> {
        skipBlanks(to: end)
        return position..<end
    }

    /// The inside of quotes.
    mutating func quoted(to end: Int) throws(ExpositionError) -> Range<Int> {
        let start = position + 1
        position = start
        while position < end {
            switch page[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            default: position += 1
            }
        }
        throw error("a text in quotes does not end")
    }

    /// A part of the page for a message.
    func excerpt(_ range: Range<Int>) -> String {
        page[range.lowerBound..<min(range.upperBound, range.lowerBound + 60)].string
    }

    func isMetricName(_ range: Range<Int>) -> Bool {
        guard let first = range.first, !LabelNames.isDigit(page[first]) else { return false }
        return range.allSatisfy { isNameByte(page[$0]) || page[$0] == UInt8(ascii: ":") }
    }

    func isNameByte(_ byte: UInt8) -> Bool { LabelNames.isLetter(byte) || LabelNames.isDigit(byte) }
}

extension Bytes {
    /// The place of a byte from `start` up to `end`.
    func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        withUnsafeBytes { memory in
            UnsafeRawBufferPointer(rebasing: memory[start..<end]).firstIndex(of: byte).map { $0 + start }
        }
    }
}
