internal import Settings

/// Takes secrets that were offered to agents out of what agents say.
///
/// Bounded: the last `limit` secrets of at least `shortest` bytes; shorter ones are found everywhere.
struct SecretScrubber: Sendable {
    static let limit = 1000
    static let shortest = 6

    private var texts: [String] = []

    mutating func note(_ text: String) {
        let lines = [text] + text.split(whereSeparator: \.isNewline).map(String.init)
        for line in lines where line.utf8.count >= Self.shortest && !texts.contains(line) {
            texts.append(line)
            if texts.count > Self.limit { texts.removeFirst() }
        }
    }

    /// `text` with `***` and a fingerprint for each secret.
    func scrub(_ text: String) -> String {
        texts.filter { text.contains($0) }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: Secret($1).description) }
    }
}
