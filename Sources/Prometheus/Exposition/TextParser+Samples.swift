internal import Wire

extension TextParser {
    /// A line with a value.
    mutating func sample(to end: Int) throws(ExpositionError) -> ExpositionSample {
        let start = position
        var name = try sampleName(to: end)
        skipBlanks(to: end)
        var seriesEnd = name.upperBound
        if position < end, page[position] == UInt8(ascii: "{") {
            var named = name.isEmpty ? nil : Optional(name)
            try labels(to: end, name: &named, limit: PageBounds.labels) { _, _ in }
            guard let found = named else { throw error("the name of the metric is missing") }
            name = found
            seriesEnd = position
        }
        guard !name.isEmpty else { throw error("the name of the metric is missing") }
        let value = try number(to: end, "the value")
        var sample = ExpositionSample(series: start..<seriesEnd, name: name, value: value)
        sample.timestamp = try timestamp(to: end)
        if isOpenMetrics, position < end, page[position] == UInt8(ascii: "#") {
            sample.exemplars = [try exemplar(to: end)]
        }
        guard position == end else { throw error("'\(excerpt(position..<end))' stands after the value") }
        return sample
    }

    private mutating func sampleName(to end: Int) throws(ExpositionError) -> Range<Int> {
        let start = position
        while position < end, isNameByte(page[position]) || page[position] == UInt8(ascii: ":") {
            position += 1
        }
        let name = start..<position
        guard name.isEmpty || !LabelNames.isDigit(page[start]) else {
            throw error("the name of a metric begins with a digit: '\(excerpt(start..<end))'")
        }
        return name
    }

    private mutating func number(to end: Int, _ what: String) throws(ExpositionError) -> Double {
        skipBlanks(to: end)
        let text = word(to: end)
        skipBlanks(to: end)
        guard !text.isEmpty else { throw error("\(what) is missing") }
        guard let value = NumberText.double(page, text) else {
            throw error("\(what) is no number: '\(excerpt(text))'")
        }
        return value
    }

    /// Milliseconds since 1970, where there is a time before the end of the line or an exemplar.
    private mutating func timestamp(to end: Int) throws(ExpositionError) -> Int64? {
        guard position < end, page[position] != UInt8(ascii: "#") else { return nil }
        let text = word(to: end)
        skipBlanks(to: end)
        let time = isOpenMetrics ? NumberText.seconds(page, text) : NumberText.milliseconds(page, text)
        guard let time else { throw error("the time of the value is no number: '\(excerpt(text))'") }
        return time
    }

    private mutating func exemplar(to end: Int) throws(ExpositionError) -> Exemplar {
        position += 1
        skipBlanks(to: end)
        guard position < end, page[position] == UInt8(ascii: "{") else {
            throw error("an exemplar begins with labels in braces")
        }
        var exemplar = Exemplar()
        var pairs: [(Range<Int>, Range<Int>)] = []
        var name: Range<Int>? = position..<position
        try labels(to: end, name: &name, limit: PageBounds.exemplarLabels) { pairs.append(($0, $1)) }
        try bounds.takeExemplar(labels: pairs.count, at: .line(line))
        for (name, value) in pairs {
            exemplar.labels.append(LabelSet.Label(try text(name), try text(value)))
        }
        exemplar.value = try number(to: end, "the value of the exemplar")
        exemplar.timestamp = try timestamp(to: end)
        return exemplar
    }

    // MARK: - Labels

    /// Walks over labels in braces; a text without `=` is the name of the metric, unless `name` is there.
    mutating func labels(
        to end: Int, name: inout Range<Int>?, limit: Int, _ body: (Range<Int>, Range<Int>) -> Void
    ) throws(ExpositionError) {
        var count = 0
        position += 1
        while true {
            skipBlanks(to: end)
            guard position < end else { throw error("'}' is missing after the labels") }
            if page[position] == UInt8(ascii: "}") { break }
            let key = try labelName(to: end)
            skipBlanks(to: end)
            if position < end, page[position] == UInt8(ascii: "=") {
                position += 1
                skipBlanks(to: end)
                guard position < end, page[position] == UInt8(ascii: "\"") else {
                    throw error("the value of the label '\(excerpt(key))' has no quotes")
                }
                let value = try quoted(to: end)
                count += 1
                guard count <= limit else { throw error("there are more than \(limit) labels") }
                body(key, value)
            } else {
                guard name == nil, page[key.lowerBound - 1] == UInt8(ascii: "\"") else {
                    throw error("the label '\(excerpt(key))' has no value")
                }
                name = key
            }
            skipBlanks(to: end)
            guard position < end, page[position] != UInt8(ascii: "}") else { continue }
            guard page[position] == UInt8(ascii: ",") else {
                throw error("',' or '}' is missing after a label: '\(excerpt(position..<end))'")
            }
            position += 1
        }
        position += 1
    }

    private mutating func labelName(to end: Int) throws(ExpositionError) -> Range<Int> {
        if page[position] == UInt8(ascii: "\"") { return try quoted(to: end) }
        let start = position
        while position < end, isNameByte(page[position]) { position += 1 }
        guard start < position, !LabelNames.isDigit(page[start]) else {
            throw error("'\(excerpt(start..<end))' does not begin with the name of a label")
        }
        return start..<position
    }

    /// What stands for itself between quotes, with its escapes undone.
    func text(_ range: Range<Int>) throws(ExpositionError) -> String {
        let bytes = page[range]
        guard bytes.withUnsafeBytes({ UTF8Check.firstInvalid($0) == nil }) else {
            throw error("'\(excerpt(range))' is not valid UTF-8")
        }
        guard bytes.firstIndex(of: UInt8(ascii: "\\"), from: 0, to: bytes.count) != nil else {
            return bytes.string
        }
        return Self.unescaped(bytes)
    }

    private static func unescaped(_ bytes: Bytes) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < bytes.count else {
                result.append(byte)
                continue
            }
            switch bytes[index] {
            case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): result.append(bytes[index])
            default: result += [byte, bytes[index]]
            }
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The name and the labels of a sample.
    func series(of sample: ExpositionSample) throws(ExpositionError) -> (String, [LabelSet.Label]) {
        var parser = self
        parser.position = sample.series.lowerBound
        _ = try parser.sampleName(to: sample.series.upperBound)
        parser.skipBlanks(to: sample.series.upperBound)
        var pairs: [(Range<Int>, Range<Int>)] = []
        if parser.position < sample.series.upperBound {
            var name: Range<Int>? = sample.name.lowerBound < parser.position ? sample.name : nil
            try parser.labels(to: sample.series.upperBound, name: &name, limit: PageBounds.labels) {
                pairs.append(($0, $1))
            }
        }
        var labels: [LabelSet.Label] = []
        labels.reserveCapacity(pairs.count)
        for (name, value) in pairs { labels.append(LabelSet.Label(try text(name), try text(value))) }
        return (try text(sample.name), labels)
    }
}
