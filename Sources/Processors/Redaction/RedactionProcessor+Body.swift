internal import Telemetry
internal import Wire

extension RedactionProcessor {
    /// The body of a log record with what has to go; `nil` when that changes nothing.
    func redacted(body: AnyValueView, _ findings: inout Findings) -> AttributeValue? {
        switch body.content {
        case .keyValues(let pairs): return redacted(pairs, path: nil, &findings)
        case .array(let values): return redacted(values, path: nil, &findings)
        default:
            var inside = Findings()
            let value = redacted(leaf: body, path: "body", &inside)
            findings.masked += inside.masked
            return value
        }
    }

    private func redacted(
        _ value: AnyValueView, path: String, _ findings: inout Findings
    ) -> AttributeValue? {
        switch value.content {
        case .keyValues(let pairs): redacted(pairs, path: path, &findings)
        case .array(let values): redacted(values, path: path, &findings)
        default: redacted(leaf: value, path: path, &findings)
        }
    }

    private func redacted(
        leaf value: AnyValueView, path: String, _ findings: inout Findings
    ) -> AttributeValue? {
        let text = Bytes(utf8: value.text)
        if text.withUnsafeBytes({ masker.allows($0) }) {
            findings.allowed.append(path)
            return nil
        }
        guard let masked = masker.masked(text) else { return nil }
        findings.masked.append(path)
        return .string(masked)
    }

    private func redacted(
        _ values: Messages<AnyValueView>, path: String?, _ findings: inout Findings
    ) -> AttributeValue? {
        var isChanged = false
        var result: [AttributeValue] = []
        for (index, value) in values.enumerated() {
            let path = path.map { "\($0).[\(index)]" } ?? "[\(index)]"
            let new = redacted(value, path: path, &findings)
            isChanged = isChanged || new != nil
            result.append(new ?? .encoded(value))
        }
        return isChanged ? .array(result) : nil
    }

    private func redacted(
        _ pairs: Messages<KeyValueView>, path: String?, _ findings: inout Findings
    ) -> AttributeValue? {
        var isChanged = false
        var result: [AttributeValue.KeyAndValue] = []
        var removed: [String] = []
        for pair in pairs {
            let place = path.map { "\($0).\(pair.key)" } ?? pair.key
            switch Bytes(utf8: pair.key).withUnsafeBytes({ masker.verdict($0) }) {
            case .ignored:
                findings.ignored += 1
                result.append(.init(pair.key, .encoded(pair.value)))
            case .removed:
                removed.append(place)
                isChanged = true
            case .masked:
                findings.masked.append(place)
                let text = masker.maskedWhole(Bytes(utf8: pair.value.string ?? ""))
                result.append(.init(pair.key, .string(text)))
                isChanged = true
            case .lookedAt:
                let new = redacted(pair.value, path: place, &findings)
                isChanged = isChanged || new != nil
                result.append(.init(pair.key, new ?? .encoded(pair.value)))
            }
        }
        findings.removed += removed
        return isChanged ? .keyValues(result) : nil
    }
}
