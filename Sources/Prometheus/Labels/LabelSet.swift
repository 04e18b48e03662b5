/// The labels of a target or a series: names with values, sorted by name, none twice and none empty.
///
/// A label with an empty value is the same as one that is not there, as everywhere in Prometheus.
public struct LabelSet: Sendable, Hashable {
    /// One label.
    public struct Label: Sendable, Hashable {
        public let name: String
        public internal(set) var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In the order of the bytes of their names.
    public private(set) var labels: [Label] = []

    /// No labels.
    public init() {}

    /// Labels in any order; of two with one name the last counts.
    public init(_ labels: some Sequence<Label>) {
        let sorted = labels.enumerated().sorted { left, right in
            let (first, second) = (left.element.name, right.element.name)
            if first == second { return left.offset < right.offset }
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        }
        for (_, label) in sorted {
            if self.labels.last?.name == label.name { self.labels.removeLast() }
            self.labels.append(label)
        }
        self.labels.removeAll { $0.value.isEmpty }
    }

    /// The value of a label, empty when it is not there; setting an empty one removes it.
    public subscript(name: String) -> String {
        get {
            let place = place(of: name)
            return isAt(place, name) ? labels[place].value : ""
        }
        set {
            let place = place(of: name)
            switch (isAt(place, name), newValue.isEmpty) {
            case (true, false): labels[place].value = newValue
            case (true, true): labels.remove(at: place)
            case (false, false): labels.insert(Label(name, newValue), at: place)
            case (false, true): break
            }
        }
    }

    /// Whether there are none.
    public var isEmpty: Bool { labels.isEmpty }
    /// How many there are.
    public var count: Int { labels.count }

    /// Removes the labels that `shouldRemove` names.
    public mutating func removeAll(where shouldRemove: (Label) -> Bool) {
        labels.removeAll(where: shouldRemove)
    }

    /// The index of the first label whose name is not before `name`.
    private func place(of name: String) -> Int {
        var (low, high) = (0, labels.count)
        while low < high {
            let middle = (low + high) / 2
            if labels[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func isAt(_ place: Int, _ name: String) -> Bool {
        place < labels.count && labels[place].name == name
    }
}

extension LabelSet: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Label($0, $1) })
    }
}

extension LabelSet: CustomStringConvertible {
    /// As Prometheus writes them: `{job="api", instance="a:1"}`.
    public var description: String {
        let pairs = labels.map { label in
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }
        return "{\(pairs.joined(separator: ", "))}"
    }
}
