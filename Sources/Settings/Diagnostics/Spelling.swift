/// Guesses what a misspelt name was meant to be.
public enum Spelling {
    /// The nearest of some names, allowing one slip for every three letters; `nil` when none is that near.
    public static func nearest(to name: String, among candidates: [String]) -> String? {
        let simple = simplified(name)
        if let same = candidates.first(where: { simplified($0) == simple && $0 != name }) { return same }
        guard name.unicodeScalars.count <= 64 else { return nil }
        let allowed = name.unicodeScalars.count / 3
        return
            candidates
            .map { (name: $0, slips: slips(between: name, and: $0)) }
            .filter { $0.slips <= allowed }
            .min { $0.slips < $1.slips }?
            .name
    }

    /// Letter case and the choice of separator are no slips.
    private static func simplified(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// The number of letters inserted, dropped, changed, or swapped with a neighbour.
    static func slips(between left: String, and right: String) -> Int {
        let (first, second) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 0..<first.count {
            var current = [row + 1]
            for column in 0..<second.count {
                let change = last[column] + (first[row] == second[column] ? 0 : 1)
                var best = min(change, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
