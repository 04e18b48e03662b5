internal import Patterns
public import Pipeline
public import Telemetry
internal import Wire

/// Removes attributes that are not on a list, and masks keys and values that must not get out.
///
/// It works on the attributes of resources, scopes, spans, span events, log records and data points, and on
/// the bodies of log records. An attribute is ignored, or removed, or left alone for its value, or masked
/// for its key, or masked where its value is blocked: the first of these that applies, in this order.
public struct RedactionProcessor: Processor {
    public static let name = "redaction"
    public static let summary =
        "Removes attributes that are not allowed and masks keys and "
        + "values that are blocked."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "url_sanitizer and db_sanitizer are not supported, and naming them is an error."
    ]

    let masker: Masker
    private let redactsAllTypes: Bool
    private let summary: Masker.Summary
    private let bodySummary: Masker.Summary

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        do throws(PatternError) {
            masker = try Masker(configuration)
        } catch {
            throw ComponentError("is not a regular expression of RE2: \(error)", key: "blocked_values")
        }
        redactsAllTypes = configuration.redactAllTypes
        summary = Masker.Summary(configuration.summary, prefix: "redaction.")
        bodySummary = Masker.Summary(configuration.summary, prefix: "redaction.body.")
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        batch.rewrite([.resource, .scope, .record, .event]) { draft in
            redactAttributes(of: draft)
            if draft.kind == .logRecord { redactBody(of: draft) }
        }
    }

    private func redactAttributes(of draft: Draft) {
        var findings = Findings()
        draft.editAttributes { key, value in
            if let text = value.string { return decide(key, text, &findings) }
            let text = redactsAllTypes ? value.view.text : ""
            return Bytes(utf8: text).withUnsafeBytes { decide(key, $0, &findings) }
        }
        summary.write(findings, to: draft)
    }

    /// What becomes of an attribute whose value reads as `text`.
    private func decide(
        _ key: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, _ findings: inout Findings
    ) -> AttributeChange {
        let verdict = masker.verdict(key)
        switch verdict {
        case .ignored:
            findings.ignored += 1
            return .keep
        case .removed:
            findings.removed.append(String(decoding: key, as: UTF8.self))
            return .remove
        case .masked, .lookedAt: break
        }
        if masker.allows(text) {
            findings.allowed.append(String(decoding: key, as: UTF8.self))
            return .keep
        }
        let new: String?
        if verdict == .masked {
            new = masker.maskedWhole(Bytes(copying: text))
        } else {
            guard masker.blocks(text) else { return .keep }
            new = masker.masked(Bytes(copying: text))
        }
        guard let new else { return .keep }
        findings.masked.append(String(decoding: key, as: UTF8.self))
        return .replace(.string(new))
    }

    private func redactBody(of record: Draft) {
        let isClean = record.withValue(5) { body in
            // Most bodies are text that matches nothing, and the others take a copy.
            body.number == 0 && !masker.blocks(body.memory) || body.string.map { !masker.blocks($0) } ?? false
        }
        guard !isClean else { return }
        var findings = Findings()
        let body = record.withValue(5) { $0.view }
        if let value = redacted(body: body, &findings) { record.setField(5, .value(value)) }
        bodySummary.write(findings, to: record)
    }
}
