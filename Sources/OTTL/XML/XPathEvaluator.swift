/// Selects nodes of a document.
struct XPathEvaluator {
    /// A node of the document, or an attribute of one.
    struct Place: Hashable {
        let node: Int
        var attribute: Int?

        /// The order in which places are in the text.
        static func comesBefore(_ left: Place, _ right: Place) -> Bool {
            left.node == right.node
                ? (left.attribute ?? -1) < (right.attribute ?? -1) : left.node < right.node
        }
    }

    enum Result {
        case places([Place])
        case string(String)
        case number(Double)
        case bool(Bool)
    }

    struct Context {
        let place: Place
        let position: Int
        let size: Int
    }

    let document: XMLDocument
    /// Places that may still be looked at, 64 bytes of text being one: expressions could multiply without a
    /// bound.
    private var budget = 1_000_000

    /// The nodes that `path` selects, in the order of the document.
    static func select(_ path: XPath, in document: XMLDocument) throws(EvaluationError) -> [Place] {
        var evaluator = XPathEvaluator(document: document)
        let context = Context(place: Place(node: 0), position: 1, size: 1)
        guard case .places(let places) = try evaluator.evaluate(path.expression, context) else {
            throw .message("the XPath gives a value and not nodes")
        }
        return places
    }

    private init(document: XMLDocument) { self.document = document }

    mutating func spend(_ count: Int) throws(EvaluationError) {
        budget -= count
        guard budget >= 0 else { throw .message("the XPath needs too many steps for this document") }
    }

    mutating func evaluate(_ expression: XPath.Expression, _ context: Context) throws(EvaluationError)
        -> Result
    {
        try spend(1)
        switch expression {
        case .number(let number): return .number(number)
        case .string(let string): return .string(string)
        case .negated(let inner): return .number(-(try number(try evaluate(inner, context))))
        case .binary(let operation, let left, let right): return try binary(operation, left, right, context)
        case .call(let function, let arguments):
            var values: [Result] = []
            for argument in arguments { values.append(try evaluate(argument, context)) }
            return try call(function, values, context)
        case .path(let start, let steps):
            var places: [Place]
            switch start {
            case .document: places = [Place(node: 0)]
            case .context: places = [context.place]
            case .nodes(let inner, let predicates):
                guard case .places(let found) = try evaluate(inner, context) else {
                    throw .message("the XPath filters a value and not nodes")
                }
                places = try filter(found, predicates)
            }
            for step in steps { places = try follow(step, from: places) }
            return .places(places)
        }
    }

    // MARK: Steps

    private mutating func follow(_ step: XPath.Step, from places: [Place]) throws(EvaluationError) -> [Place]
    {
        var found: Set<Place> = []
        for place in places {
            let candidates = try candidates(step, from: place)
            found.formUnion(try filter(candidates, step.predicates))
        }
        return found.sorted(by: Place.comesBefore)
    }

    /// What a step leads to from one place, nearest first.
    private mutating func candidates(_ step: XPath.Step, from place: Place) throws(EvaluationError) -> [Place]
    {
        let node = document[place.node]
        guard place.attribute == nil else {
            let owner: [Int] =
                switch step.axis {
                case .parent: [place.node]
                case .ancestor, .ancestorOrSelf: [place.node] + ancestors(of: place.node)
                default: []
                }
            let itself =
                step.axis == .itself || step.axis == .ancestorOrSelf || step.axis == .descendantOrSelf
            let isSelected = if case .node = step.test { itself } else { false }
            return (isSelected ? [place] : [])
                + owner.filter { matches(step.test, $0) }.map { Place(node: $0) }
        }
        if step.axis == .attribute {
            try spend(node.attributes.count)
            return node.attributes.indices
                .filter { matches(step.test, attribute: node.attributes[$0].name) }
                .map { Place(node: place.node, attribute: $0) }
        }
        let nodes = try indices(step.axis, from: place.node)
        try spend(nodes.count)
        return nodes.filter { matches(step.test, $0) }.map { Place(node: $0) }
    }

    private mutating func indices(_ axis: XPath.Axis, from index: Int) throws(EvaluationError) -> [Int] {
        switch axis {
        case .itself: return [index]
        case .child: return document[index].children
        case .descendant: return descendants(of: index)
        case .descendantOrSelf: return [index] + descendants(of: index)
        case .parent: return index == 0 ? [] : [document[index].parent]
        case .ancestor: return ancestors(of: index)
        case .ancestorOrSelf: return [index] + ancestors(of: index)
        case .followingSibling, .precedingSibling:
            guard index > 0 else { return [] }
            let siblings = document[document[index].parent].children
            try spend(siblings.count)
            guard let place = siblings.firstIndex(of: index) else { return [] }
            return axis == .followingSibling ? Array(siblings[(place + 1)...]) : siblings[..<place].reversed()
        case .attribute: return []
        }
    }

    private func ancestors(of index: Int) -> [Int] {
        var (result, index) = ([Int](), index)
        while index > 0 {
            index = document[index].parent
            result.append(index)
        }
        return result
    }

    private func descendants(of index: Int) -> [Int] {
        var result: [Int] = []
        var waiting = Array(document[index].children.reversed())
        while let next = waiting.popLast() {
            result.append(next)
            waiting += document[next].children.reversed()
        }
        return result
    }

    private func matches(_ test: XPath.Test, _ index: Int) -> Bool {
        let node = document[index]
        switch test {
        case .node: return true
        case .text: return node.kind == .text || node.kind == .characterData
        case .comment: return node.kind == .comment
        case .instruction: return node.kind == .other && node.text.hasPrefix("<?")
        case .any: return node.kind == .element
        case .name(let name): return node.kind == .element && node.name == name
        case .anyWithPrefix(let prefix): return node.kind == .element && node.name.hasPrefix(prefix)
        }
    }

    private func matches(_ test: XPath.Test, attribute name: String) -> Bool {
        switch test {
        case .node, .any: true
        case .name(let wanted): name == wanted
        case .anyWithPrefix(let prefix): name.hasPrefix(prefix)
        default: false
        }
    }

    private mutating func filter(
        _ places: [Place], _ predicates: [XPath.Expression]
    ) throws(EvaluationError) -> [Place] {
        var places = places
        for predicate in predicates {
            var kept: [Place] = []
            for (index, place) in places.enumerated() {
                let context = Context(place: place, position: index + 1, size: places.count)
                let result = try evaluate(predicate, context)
                let holds =
                    if case .number(let number) = result { number == Double(index + 1) } else { bool(result) }
                if holds { kept.append(place) }
            }
            places = kept
        }
        return places
    }
}
