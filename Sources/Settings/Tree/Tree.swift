/// Configuration as read: scalars, lists and tables, each knowing where it was written.
///
/// Equality compares what was written and ignores where.
public struct Tree: Sendable {
    /// What a node of the tree is.
    public indirect enum Content: Sendable, Hashable {
        case scalar(Scalar)
        case list([Tree])
        /// Keys in the order written; no key appears twice.
        case table([Entry])
    }

    /// One key of a table with its value.
    public struct Entry: Sendable {
        public let key: String
        public let keyPosition: Position
        public var value: Tree

        public init(_ key: String, at keyPosition: Position = .builtIn, _ value: Tree) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    public var content: Content
    /// Where the value starts.
    public var position: Position
    /// The text a field of type string gets, when this value came whole from an expansion such as
    /// `${env:NAME}`: the variable may hold `0123` or even `{a: 1}`, and a string field wants just that.
    public var originalText: String?
    /// What the expression stood for, when this value came whole from an expansion; `position` is where the
    /// expression was written.
    public var expandedFrom: ConfigurationSource?
    /// What this value replaced when sources were merged, the latest last.
    public var overridden: [Tree] = []

    public init(_ content: Content, at position: Position = .builtIn, originalText: String? = nil) {
        self.content = content
        self.position = position
        self.originalText = originalText
    }

    /// Whether this is null: nothing was written, or `null`.
    public var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.isNull
    }

    /// The scalar, if this is one.
    public var scalar: Scalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }

    /// The elements, if this is a list.
    public var list: [Tree]? {
        guard case .list(let elements) = content else { return nil }
        return elements
    }

    /// The entries, if this is a table.
    public var table: [Entry]? {
        guard case .table(let entries) = content else { return nil }
        return entries
    }

    /// The text a string field would get: what was written, for any scalar.
    public var text: String? { originalText ?? (scalar.flatMap { $0.isNull ? nil : $0.text }) }

    /// The value of a key of a table.
    public subscript(key: String) -> Tree? { table?.first { $0.key == key }?.value }

    /// The value at a path of keys and list indices.
    public subscript(path: [String]) -> Tree? {
        var node = self
        for step in path {
            if let next = node[step] {
                node = next
            } else if let elements = node.list, let index = Int(step), elements.indices.contains(index) {
                node = elements[index]
            } else {
                return nil
            }
        }
        return node
    }

    /// What this is, for messages.
    public var kind: String {
        switch content {
        case .scalar(let scalar): scalar.kind
        case .list: "a list"
        case .table: "a map"
        }
    }
}

extension Tree: Hashable {
    public static func == (left: Tree, right: Tree) -> Bool {
        left.content == right.content && left.text == right.text
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}

extension Tree.Entry: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.key == right.key && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(value)
    }
}
