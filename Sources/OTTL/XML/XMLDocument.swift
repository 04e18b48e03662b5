internal import Wire

/// An XML document, or any number of elements one after the other, in memory.
///
/// Entities are those of XML itself and numbers: nothing is read from anywhere, and what a document type
/// declares is not looked at. A document has at most 1 MiB, 100,000 nodes (attributes among them), and
/// elements 256 deep.
struct XMLDocument {
    enum Kind {
        /// What is around everything.
        case document
        case element, text, characterData, comment
        /// A declaration, a processing instruction or a document type; kept as it was written.
        case other
    }

    struct Attribute {
        let name: String
        var value: String
    }

    struct Node {
        let kind: Kind
        /// Of an element.
        var name = ""
        /// Of a text, a comment and others.
        var text = ""
        var attributes: [Attribute] = []
        var parent = 0
        var children: [Int] = []
    }

    static let sizeLimit = 1 << 20
    static let nodeLimit = 100_000
    static let depthLimit = 256

    /// All nodes; the first is the document itself, and those that were read are in the order of the text.
    private(set) var nodes = [Node(kind: .document)]

    /// How many attributes all elements have together.
    private(set) var attributeCount = 0

    subscript(index: Int) -> Node { nodes[index] }

    /// Whether so many nodes and attributes more are too many.
    func isFull(for more: Int = 1) -> Bool { nodes.count + attributeCount + more > Self.nodeLimit }

    /// Adds a node as the last child of another one; returns its index.
    @discardableResult
    mutating func append(_ node: Node, to parent: Int) -> Int {
        var node = node
        node.parent = parent
        attributeCount += node.attributes.count
        nodes.append(node)
        nodes[parent].children.append(nodes.count - 1)
        return nodes.count - 1
    }

    /// Adds copies of all that is in another document as the last children of a node.
    mutating func append(contentsOf other: XMLDocument, to parent: Int) throws(EvaluationError) {
        guard !isFull(for: other.nodes.count + other.attributeCount) else { throw Self.tooLarge }
        var places = [0: parent]
        for index in other.nodes.indices.dropFirst() {
            var node = other.nodes[index]
            node.children = []
            places[index] = append(node, to: places[node.parent] ?? parent)
        }
    }

    /// Takes nodes out of their parents, and attributes, given by their indices, out of elements.
    mutating func remove(nodes removed: Set<Int>, attributes: [Int: Set<Int>]) {
        for parent in Set(removed.map { nodes[$0].parent }) {
            nodes[parent].children.removeAll { removed.contains($0) }
        }
        for (index, places) in attributes {
            let kept = nodes[index].attributes.enumerated().filter { !places.contains($0.offset) }
            attributeCount -= nodes[index].attributes.count - kept.count
            nodes[index].attributes = kept.map(\.element)
        }
    }

    /// Takes all attributes out of an element.
    mutating func takeAttributes(of index: Int) -> [Attribute] {
        let attributes = nodes[index].attributes
        nodes[index].attributes = []
        attributeCount -= attributes.count
        return attributes
    }

    /// Puts an element around the child at a place among the children of a node.
    mutating func wrap(childAt place: Int, of parent: Int, in name: String) {
        let child = nodes[parent].children[place]
        nodes.append(Node(kind: .element, name: name, parent: parent, children: [child]))
        nodes[child].parent = nodes.count - 1
        nodes[parent].children[place] = nodes.count - 1
    }

    static let tooLarge = EvaluationError.message(
        "the XML has more than \(sizeLimit) bytes, \(nodeLimit) nodes or \(depthLimit) "
            + "elements inside of each other"
    )

    /// Appends all text in a node, as XPath and `text()` see it; returns how many nodes were looked at.
    func text(of index: Int, into text: inout String) -> Int {
        switch nodes[index].kind {
        case .text, .characterData: text += nodes[index].text
        case .comment, .other: break
        case .element, .document:
            return nodes[index].children.reduce(1) { $0 + self.text(of: $1, into: &text) }
        }
        return 1
    }

    // MARK: Writing

    /// The document as text; throws where it would have more than 4 MiB.
    func text() throws(EvaluationError) -> Bytes {
        var builder = BytesBuilder(capacity: 1024)
        try write(0, to: &builder)
        return builder.finish()
    }

    /// Writes a node with everything in it.
    func write(_ index: Int, to builder: inout BytesBuilder) throws(EvaluationError) {
        let node = nodes[index]
        try FunctionLimits.check(textSize: builder.count)
        switch node.kind {
        case .document: break
        case .element:
            builder.append(utf8: "<\(node.name)")
            for attribute in node.attributes {
                builder.append(
                    utf8: " \(attribute.name)=\"\(Self.escaped(attribute.value, isAttribute: true))\"")
            }
            builder.append(utf8: ">")
        case .text: builder.append(utf8: Self.escaped(node.text, isAttribute: false))
        case .characterData: builder.append(utf8: "<![CDATA[\(node.text)]]>")
        case .comment: builder.append(utf8: "<!--\(node.text)-->")
        case .other: builder.append(utf8: node.text)
        }
        for child in node.children { try write(child, to: &builder) }
        if node.kind == .element { builder.append(utf8: "</\(node.name)>") }
    }

    /// Text with the characters escaped that mean something in XML.
    static func escaped(_ text: String, isAttribute: Bool) -> String {
        guard text.utf8.contains(where: { "&<>\"".utf8.contains($0) }) else { return text }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"" where isAttribute: result += "&#34;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
