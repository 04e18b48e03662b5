internal import Wire

/// Reads XML (1.0) into a document.
struct XMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var document = XMLDocument()
    /// The elements that are open, the document first.
    private var open = [0]

    /// The document that `text` stands for; throws for what is no XML and where a limit is passed.
    static func read(_ text: Bytes) throws(EvaluationError) -> XMLDocument {
        guard text.count <= XMLDocument.sizeLimit else { throw XMLDocument.tooLarge }
        var reader = XMLReader(bytes: text.array)
        try reader.run()
        return reader.document
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func wrong(_ what: String) -> EvaluationError {
        .message("not valid XML at byte \(position): \(what)")
    }

    private mutating func run() throws(EvaluationError) {
        while position < bytes.count {
            guard !document.isFull() else { throw XMLDocument.tooLarge }
            if bytes[position] == UInt8(ascii: "<") { try readMarkup() } else { try readText() }
        }
        guard open.count == 1 else { throw wrong("<\(document[open.last ?? 0].name)> is not closed") }
    }

    private var isInElement: Bool { open.count > 1 }

    private mutating func append(_ node: XMLDocument.Node) {
        document.append(node, to: open.last ?? 0)
    }

    private mutating func readText() throws(EvaluationError) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        let text = try unescaped(bytes[start..<position])
        let isBlank = text.utf8.allSatisfy { Self.isSpace($0) }
        guard isInElement || isBlank else {
            position = start
            throw wrong("text outside of any element")
        }
        append(XMLDocument.Node(kind: .text, text: text))
    }

    private func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    private mutating func readMarkup() throws(EvaluationError) {
        if starts(with: "<!--") {
            append(XMLDocument.Node(kind: .comment, text: try take(after: "<!--", until: "-->")))
        } else if starts(with: "<![CDATA[") {
            let text = try take(after: "<![CDATA[", until: "]]>")
            guard isInElement else { throw wrong("text outside of any element") }
            append(XMLDocument.Node(kind: .characterData, text: text))
        } else if starts(with: "<?") {
            let text = try take(after: "<?", until: "?>")
            append(XMLDocument.Node(kind: .other, text: "<?\(text)?>"))
        } else if starts(with: "<!") {
            append(XMLDocument.Node(kind: .other, text: try directive()))
        } else if starts(with: "</") {
            try close()
        } else {
            try element()
        }
    }

    /// What is between two marks.
    private mutating func take(after begin: String, until end: String) throws(EvaluationError) -> String {
        let start = position + begin.utf8.count
        var index = start
        let mark = Array(end.utf8)
        while index < bytes.count {
            if bytes[index] == mark[0], bytes[index...].starts(with: mark) {
                position = index + mark.count
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
            index += 1
        }
        throw wrong("'\(begin)' is not closed by '\(end)'")
    }

    /// A document type with everything in it.
    private mutating func directive() throws(EvaluationError) -> String {
        let start = position
        var depth = 0
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "<"): depth += 1
            case UInt8(ascii: ">"):
                depth -= 1
                if depth == 0 { return String(decoding: bytes[start..<position], as: UTF8.self) }
            default: break
            }
        }
        position = start
        throw wrong("'<!' is not closed by '>'")
    }

    private mutating func close() throws(EvaluationError) {
        position += 2
        let name = try name()
        skipSpace()
        guard take(UInt8(ascii: ">")) else { throw wrong("'>' is expected") }
        guard isInElement, let last = open.last, document[last].name == name else {
            throw wrong("</\(name)> closes nothing that is open")
        }
        open.removeLast()
    }

    private mutating func element() throws(EvaluationError) {
        position += 1
        var node = XMLDocument.Node(kind: .element)
        node.name = try name()
        while true {
            let before = position
            skipSpace()
            if take(UInt8(ascii: "/")) {
                guard take(UInt8(ascii: ">")) else { throw wrong("'>' is expected") }
                append(node)
                return
            }
            if take(UInt8(ascii: ">")) { break }
            guard position > before else { throw wrong("a space, '>' or '/>' is expected") }
            guard !document.isFull(for: node.attributes.count + 2) else { throw XMLDocument.tooLarge }
            node.attributes.append(try attribute())
        }
        guard open.count <= XMLDocument.depthLimit else { throw XMLDocument.tooLarge }
        append(node)
        open.append(document.nodes.count - 1)
    }

    private mutating func attribute() throws(EvaluationError) -> XMLDocument.Attribute {
        let name = try name()
        skipSpace()
        guard take(UInt8(ascii: "=")) else { throw wrong("the attribute '\(name)' has no value") }
        skipSpace()
        guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
            throw wrong("the value of '\(name)' has to be in quotes")
        }
        let quote = bytes[position]
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: quote) else { throw wrong("a quote is not closed") }
        let value = try unescaped(bytes[start..<end])
        position = end + 1
        return XMLDocument.Attribute(name: name, value: value)
    }

    private mutating func name() throws(EvaluationError) -> String {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        guard position > start, !"-.0123456789".utf8.contains(bytes[start]) else {
            position = start
            throw wrong("a name is expected")
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        case UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// Text with entities replaced.
    private func unescaped(_ text: ArraySlice<UInt8>) throws(EvaluationError) -> String {
        guard text.contains(UInt8(ascii: "&")) else { return String(decoding: text, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "&") else {
                result.append(byte)
                continue
            }
            guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw wrong("'&' has to be written as '&amp;'")
            }
            let name = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
            guard let scalar = Self.entity(name) else { throw wrong("the entity '&\(name);' is not known") }
            result += Array(String(Character(scalar)).utf8)
            rest = rest[(end + 1)...]
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            // Swift's numbers may have a sign, XML's may not.
            guard !digits.contains(where: { $0 == "+" || $0 == "-" }) else { return nil }
            let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return code.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
        }
    }
}
