internal import Wire

/// GetXML, InsertXML, ParseXML, …: XML in text.
enum XMLConverters {
    static let all: [Function] = [
        get, insert, remove, attributesToElements, textToElements,
        .ofString(
            "ParseXML", "target", gives: .map,
            summary: "The XML document as a map with `tag`, `attributes`, `content` and `children`.",
            example: "ParseXML(log.body)"
        ) { text throws(EvaluationError) in
            let document = try XMLReader.read(text)
            let elements = document[0].children.filter { document[$0].kind == .element }
            guard elements.count == 1 else {
                throw .message("the XML has \(elements.count) elements at its top and not one")
            }
            return try bounded(.map(XMLValues.full(document, elements[0])))
        },
        .ofString(
            "ParseSimplifiedXML", "target", gives: .map,
            summary:
                "The elements of the XML as keys; attributes, comments and text beside elements "
                + "are left out.",
            example: "ParseSimplifiedXML(log.body)"
        ) { text throws(EvaluationError) in
            let document = try XMLReader.read(text)
            return try bounded(XMLValues.simplified(document, 0) ?? .map(ValueMap()))
        },
    ]

    /// What a document became, unless it has more levels or values than parsers may make.
    private static func bounded(_ value: Value) throws(EvaluationError) -> Value {
        var bounds = ValueBounds(inside: Value.nestingLimit - FunctionLimits.depth)
        try bounds.check(value)
        return value
    }

    /// Reads the path of a call.
    private static func path(_ text: String, _ parameter: Int) throws(FunctionError) -> XPath {
        do throws(FunctionError) {
            return try XPath(text)
        } catch {
            throw FunctionError(error.message, parameter: parameter)
        }
    }

    private static let get = Function(
        converter: "GetXML", [Parameter("target", .string), Parameter("xpath", .literalString)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let path = try path(try arguments.literal(1), 1)
        return { frame throws(EvaluationError) in
            let document = try XMLReader.read(try text(frame))
            var result = BytesBuilder(capacity: 256)
            for place in try XPathEvaluator.select(path, in: document) {
                let node = document[place.node]
                if let attribute = place.attribute {
                    result.append(
                        utf8: XMLDocument.escaped(node.attributes[attribute].value, isAttribute: false))
                } else if node.kind == .characterData {
                    result.append(utf8: XMLDocument.escaped(node.text, isAttribute: false))
                } else if node.kind == .element || node.kind == .text || node.kind == .document {
                    try document.write(place.node, to: &result)
                }
                try FunctionLimits.check(textSize: result.count)
            }
            return .string(result.finish())
        }
    }.documented(
        "What an XPath selects in an XML document: elements as XML, attributes and text as text.",
        example: #"GetXML(log.body, "//a[@b='c']")"#)

    private static let insert = Function(
        converter: "InsertXML",
        [
            Parameter("target", .string), Parameter("xpath", .literalString),
            Parameter("sub_document", .string),
        ], gives: .string
    ) { arguments throws(FunctionError) in
        let (text, addition) = (arguments[0].string, arguments[2].string)
        let path = try path(try arguments.literal(1), 1)
        return { frame throws(EvaluationError) in
            var document = try XMLReader.read(try text(frame))
            let addition = try XMLReader.read(try addition(frame))
            for place in try XPathEvaluator.select(path, in: document) {
                let kind = document[place.node].kind
                guard place.attribute == nil, kind == .element || kind == .document else {
                    throw .message("the XPath selects something else than an element to insert into")
                }
                try document.append(contentsOf: addition, to: place.node)
            }
            return .string(try document.text())
        }
    }.documented(
        "The XML document with another one inserted at the end of the elements that an XPath selects.",
        example: #"InsertXML(log.body, "//foo", "<bar/>")"#)

    private static let remove = Function(
        converter: "RemoveXML", [Parameter("target", .string), Parameter("xpath", .literalString)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let path = try path(try arguments.literal(1), 1)
        return { frame throws(EvaluationError) in
            var document = try XMLReader.read(try text(frame))
            var (nodes, attributes) = (Set<Int>(), [Int: Set<Int>]())
            for place in try XPathEvaluator.select(path, in: document) {
                if let attribute = place.attribute {
                    attributes[place.node, default: []].insert(attribute)
                } else if place.node > 0 {
                    nodes.insert(place.node)
                }
            }
            document.remove(nodes: nodes, attributes: attributes)
            return .string(try document.text())
        }
    }.documented(
        "The XML document without what an XPath selects: elements, attributes, text or comments.",
        example: #"RemoveXML(log.body, "/a/b[@foo='bar']")"#)

    private static let attributesToElements = Function(
        converter: "ConvertAttributesToElementsXML",
        [Parameter("target", .string), Parameter("xpath", .literalString, isOptional: true)], gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let path = try path(try arguments.literal(1, default: "/"), 1)
        return { frame throws(EvaluationError) in
            var document = try XMLReader.read(try text(frame))
            for index in try elements(path, document) {
                for attribute in document.takeAttributes(of: index) {
                    guard document.nodes.count + 2 <= XMLDocument.nodeLimit * 2 else {
                        throw XMLDocument.tooLarge
                    }
                    let element = document.append(.init(kind: .element, name: attribute.name), to: index)
                    if !attribute.value.isEmpty {
                        document.append(.init(kind: .text, text: attribute.value), to: element)
                    }
                }
            }
            return .string(try document.text())
        }
    }.documented(
        "The XML document with attributes made into elements, in what an XPath selects and all inside of it.",
        example: #"ConvertAttributesToElementsXML(log.body, "/Log/Record")"#)

    private static let textToElements = Function(
        converter: "ConvertTextToElementsXML",
        [
            Parameter("target", .string), Parameter("xpath", .literalString, isOptional: true),
            Parameter("element_name", .literalString, isOptional: true),
        ], gives: .string
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        var xpath = try arguments.literal(1, default: "/")
        // The documentation has a path that ends in a slash.
        if xpath.count > 1, xpath.hasSuffix("/") { xpath.removeLast() }
        let path = try path(xpath.isEmpty ? "/" : xpath, 1)
        let given = try arguments.literal(2, default: "value")
        let name = given.isEmpty ? "value" : given
        return { frame throws(EvaluationError) in
            var document = try XMLReader.read(try text(frame))
            for index in try elements(path, document) {
                let children = document[index].children
                guard children.contains(where: { document[$0].kind == .element }) else { continue }
                for (place, child) in children.enumerated() where XMLValues.isText(document, child) {
                    document.wrap(childAt: place, of: index, in: name)
                }
            }
            return .string(try document.text())
        }
    }.documented(
        "The XML document with text that stands beside elements wrapped in elements of its own.",
        example: #"ConvertTextToElementsXML(log.body, elementName = "custom")"#)

    /// The elements that a path selects and all elements inside of them.
    private static func elements(_ path: XPath, _ document: XMLDocument) throws(EvaluationError) -> [Int] {
        var found: Set<Int> = []
        var waiting = try XPathEvaluator.select(path, in: document).filter { $0.attribute == nil }.map(\.node)
        while let index = waiting.popLast() {
            guard found.insert(index).inserted else { continue }
            waiting += document[index].children
        }
        return found.filter { document[$0].kind == .element }.sorted()
    }
}

/// XML as values.
enum XMLValues {
    /// Whether a node is text that is not blank.
    static func isText(_ document: XMLDocument, _ index: Int) -> Bool {
        let node = document[index]
        guard node.kind == .text || node.kind == .characterData else { return false }
        return !node.text.utf8.allSatisfy { XMLReader.isSpace($0) }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.utf8.drop { XMLReader.isSpace($0) }
        guard let last = start.lastIndex(where: { !XMLReader.isSpace($0) }) else { return "" }
        return String(Substring(start[...last]))
    }

    private static func entry(_ key: String, _ value: Value) -> ValueMap.Entry {
        ValueMap.Entry(Bytes(utf8: key), value)
    }

    /// An element with everything in it.
    static func full(_ document: XMLDocument, _ index: Int) -> ValueMap {
        let node = document[index]
        var entries = [entry("tag", .text(node.name))]
        if !node.attributes.isEmpty {
            let attributes = node.attributes.map { entry($0.name, .text($0.value)) }
            entries.append(entry("attributes", .map(ValueMap(attributes))))
        }
        let content = node.children.filter { isText(document, $0) }.map { trimmed(document[$0].text) }
            .joined()
        if !content.isEmpty { entries.append(entry("content", .text(content))) }
        let children = node.children.filter { document[$0].kind == .element }
        if !children.isEmpty {
            entries.append(entry("children", .list(children.map { .map(full(document, $0)) })))
        }
        return ValueMap(unique: entries)
    }

    /// An element as the text in it, or as a map of the elements in it; `nil` when it is empty.
    static func simplified(_ document: XMLDocument, _ index: Int) -> Value? {
        let children = document[index].children.filter { document[$0].kind == .element }
        guard !children.isEmpty else {
            let texts = document[index].children.filter { isText(document, $0) }.map { document[$0].text }
            return texts.isEmpty ? nil : .text(trimmed(texts.joined()))
        }
        var order: [String] = []
        var groups: [String: [Value?]] = [:]
        for child in children {
            let name = document[child].name
            if groups[name] == nil { order.append(name) }
            groups[name, default: []].append(simplified(document, child))
        }
        var entries: [ValueMap.Entry] = []
        for name in order {
            let group = groups[name] ?? []
            let values = group.compactMap { $0 }
            guard let first = values.first else { continue }
            // An empty element still says that there are several.
            entries.append(entry(name, group.count > 1 ? .list(values) : first))
        }
        return entries.isEmpty ? nil : .map(ValueMap(unique: entries))
    }
}
