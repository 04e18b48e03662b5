extension Draft {
    /// How many items it is or holds: spans, data points or log records, as they were before any edit.
    ///
    /// 0 for events and links, which are no items.
    public var itemCount: Int {
        guard let hierarchy = Hierarchy(signal) else { return 0 }
        switch kind {
        case .event, .link: return 0
        case .resource: return items(in: group, hierarchy, children: 1)
        case .scope: return items(in: group, hierarchy, children: 2)
        case .metric: return items(in: range, hierarchy, children: 3)
        default: return 1
        }
    }

    private func items(in range: Range<Int>, _ hierarchy: Hierarchy, children level: Int) -> Int {
        guard let base else { return 0 }
        return hierarchy.countItems(base, range.lowerBound, range.upperBound, children: level)
    }
}
