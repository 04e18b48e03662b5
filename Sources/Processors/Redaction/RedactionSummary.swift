internal import Telemetry
internal import Wire

extension RedactionProcessor {
    /// What was done to one set of attributes, or to the body of one log record.
    struct Findings {
        var removed: [String] = []
        var masked: [String] = []
        var allowed: [String] = []
        var ignored = 0
    }
}

extension Masker {
    /// The attributes that tell what was done.
    struct Summary {
        private let level: RedactionProcessor.Summary
        private let removed: (keys: AttributeKey, count: AttributeKey)
        private let masked: (keys: AttributeKey, count: AttributeKey)
        private let allowed: (keys: AttributeKey, count: AttributeKey)
        private let ignored: AttributeKey

        /// `prefix` is `redaction.` for attributes, and `redaction.body.` for bodies.
        init(_ level: RedactionProcessor.Summary, prefix: String) {
            self.level = level
            func pair(_ name: String) -> (AttributeKey, AttributeKey) {
                (AttributeKey("\(prefix)\(name).keys"), AttributeKey("\(prefix)\(name).count"))
            }
            removed = pair("redacted")
            masked = pair("masked")
            allowed = pair("allowed")
            ignored = AttributeKey("\(prefix)ignored.count")
        }

        /// All keys that are ever written: they stay when telemetry passes twice.
        static let allKeys = ["redaction.", "redaction.body."].flatMap { prefix in
            ["redacted", "masked", "allowed"].flatMap { ["\(prefix)\($0).keys", "\(prefix)\($0).count"] }
                + ["\(prefix)ignored.count"]
        }

        /// Adds what was done to what was told before.
        func write(_ findings: RedactionProcessor.Findings, to draft: Draft) {
            guard level != .silent else { return }
            write(findings.removed, removed, to: draft)
            write(findings.masked, masked, to: draft)
            write(findings.allowed, allowed, to: draft)
            count(findings.ignored, ignored, to: draft)
        }

        private func write(
            _ keys: [String], _ names: (keys: AttributeKey, count: AttributeKey), to draft: Draft
        ) {
            guard !keys.isEmpty else { return }
            if level == .debug {
                var keys = keys
                if let former = draft.attribute(names.keys)?.string, !former.isEmpty {
                    keys += former.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
                }
                keys.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                draft.set(names.keys, .string(keys.joined(separator: ",")))
            }
            count(keys.count, names.count, to: draft)
        }

        private func count(_ number: Int, _ name: AttributeKey, to draft: Draft) {
            guard number > 0 else { return }
            let former = draft.withAttribute(name) { $0.number == 3 ? Int64(bitPattern: $0.bits) : 0 } ?? 0
            draft.set(name, .int(former &+ Int64(number)))
        }
    }
}
