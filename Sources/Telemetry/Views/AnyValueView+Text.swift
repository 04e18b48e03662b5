internal import Wire

extension AnyValueView {
    /// The value as text, as otelcol writes values of any type: numbers and booleans as in JSON, lists and
    /// maps as compact JSON with sorted keys, bytes in base64, nothing for a value without content.
    public var text: String {
        switch content {
        case .empty, .stringIndex: ""
        case .string(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): "\(int)"
        case .double(let double): double.jsonText
        case .bytes(let bytes): Self.base64(bytes)
        case .array, .keyValues: json
        }
    }

    private static func base64(_ bytes: Bytes) -> String {
        String(decoding: Base64Variant.standard.encode(bytes.array), as: UTF8.self)
    }

    private var json: String {
        switch content {
        case .empty, .stringIndex: return "null"
        case .string(let text): return JSONText.quoted(text, forWeb: true)
        case .bytes(let bytes): return "\"\(Self.base64(bytes))\""
        case .array(let values): return "[\(values.map { $0.json }.joined(separator: ","))]"
        case .keyValues(let pairs):
            var fields: [String: String] = [:]
            for pair in pairs { fields[pair.key] = pair.value.json }
            // By bytes, as Go sorts.
            let keys = fields.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let list = keys.map { "\(JSONText.quoted($0, forWeb: true)):\(fields[$0] ?? "null")" }
            return "{\(list.joined(separator: ","))}"
        default: return text
        }
    }
}

extension Double {
    /// The shortest text that reads back as the number, as Go's JSON writes it: with an exponent only below
    /// 1e-6 and from 1e21 on.
    public var jsonText: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Inf" : "+Inf" }
        guard self != 0, magnitude < 1e-6 || magnitude >= 1e21 else { return plainText }
        let (digits, exponent) = decimal
        let fraction = digits.dropFirst()
        let mantissa = "\(digits.prefix(1))\(fraction.isEmpty ? "" : ".")\(fraction)"
        return "\(sign == .minus ? "-" : "")\(mantissa)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }

    /// The shortest text that reads back as the number, without an exponent whatever its size.
    public var plainText: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Inf" : "+Inf" }
        let sign = sign == .minus ? "-" : ""
        guard self != 0 else { return sign + "0" }
        let (digits, exponent) = decimal
        let point = exponent + 1
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        guard digits.utf8.count > point else {
            return sign + digits + String(repeating: "0", count: point - digits.utf8.count)
        }
        return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }

    /// The digits of the shortest text, and the power of ten of the first one.
    private var decimal: (digits: String, exponent: Int) {
        let text = magnitude.description
        let parts = text.split(separator: "e")
        let mantissa = parts.first ?? ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves.first ?? ""
        let fraction = halves.count > 1 && halves[1] != "0" ? halves[1] : ""
        var digits = Substring("\(whole)\(fraction)")
        var power = exponent + whole.utf8.count - 1
        while digits.utf8.count > 1, digits.first == "0" {
            digits = digits.dropFirst()
            power -= 1
        }
        while digits.utf8.count > 1, digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), power)
    }
}
