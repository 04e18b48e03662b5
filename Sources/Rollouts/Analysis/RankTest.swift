internal import Glibc

/// Whether the numbers of one group are smaller than those of another: the test of Mann and Whitney.
enum RankTest {
    /// How likely it is by chance that `left` ranks as low against `right` as it does, from 0 to 1.
    ///
    /// By the normal approximation, with the correction for ties; from about 20 numbers on each side on it is
    /// good enough. The work is that of sorting both.
    static func chanceOfLower(_ left: [Double], than right: [Double]) -> Double {
        guard !left.isEmpty, !right.isEmpty else { return 1 }
        let all = (left.map { ($0, true) } + right.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var (rankSum, ties) = (0.0, 0.0)
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            let rank = Double(start + end + 1) / 2
            rankSum += rank * Double(all[start..<end].count { $0.1 })
            let size = Double(end - start)
            ties += size * size * size - size
            start = end
        }
        let (first, second) = (Double(left.count), Double(right.count))
        let total = first + second
        let statistic = rankSum - first * (first + 1) / 2
        let variance = first * second / 12 * (total + 1 - ties / (total * (total - 1)))
        guard variance > 0 else { return 1 }
        let score = (statistic - first * second / 2 + 0.5) / variance.squareRoot()
        return erfc(-score / 2.0.squareRoot()) / 2
    }

    /// How likely it is by chance that so many of `differences` are below 0: the sign test.
    static func chanceOfFall(_ differences: [Double]) -> Double {
        let falls = Double(differences.count { $0 < 0 })
        let rises = Double(differences.count { $0 > 0 })
        let total = falls + rises
        guard total > 0 else { return 1 }
        let score = (falls - 0.5 - total / 2) / (total / 4).squareRoot()
        return erfc(score / 2.0.squareRoot()) / 2
    }

    /// The number in the middle; `nil` of none.
    static func median(_ numbers: [Double]) -> Double? {
        guard !numbers.isEmpty else { return nil }
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
