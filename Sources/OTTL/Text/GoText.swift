internal import Wire

/// Text as Go writes it into programs, which is also how the language has it.
enum GoText {
    /// Text in double quotes, escaped where it has to be; with `ascii` also what is not ASCII.
    static func quoted(_ text: String, ascii: Bool = false) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\x" + Hexadecimal.text(of: [UInt8(scalar.value)])
            case _ where ascii && scalar.value >= 0x10000:
                result += "\\U" + String(Hexadecimal.text(of: UInt64(scalar.value)).suffix(8))
            case _ where ascii && scalar.value >= 0x80:
                result += "\\u" + String(Hexadecimal.text(of: UInt64(scalar.value)).suffix(4))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
