/// Units: as OTel writes them (UCUM, `By/s`) and as Prometheus does (`bytes_per_second`).
public enum Units {
    private static let pairs: [(ucum: String, word: String)] = [
        ("d", "days"), ("h", "hours"), ("min", "minutes"), ("s", "seconds"), ("ms", "milliseconds"),
        ("us", "microseconds"), ("ns", "nanoseconds"),
        ("By", "bytes"), ("KiBy", "kibibytes"), ("MiBy", "mebibytes"), ("GiBy", "gibibytes"),
        ("TiBy", "tibibytes"), ("KBy", "kilobytes"), ("MBy", "megabytes"), ("GBy", "gigabytes"),
        ("TBy", "terabytes"),
        ("m", "meters"), ("V", "volts"), ("A", "amperes"), ("J", "joules"), ("W", "watts"), ("g", "grams"),
        ("Cel", "celsius"), ("Hz", "hertz"), ("%", "percent"),
    ]
    private static let perPairs: [(ucum: String, word: String)] = [
        ("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"), ("mo", "month"),
        ("y", "year"),
    ]
    private static let words = Dictionary(uniqueKeysWithValues: pairs.map { ($0.ucum, $0.word) })
    private static let perWords = Dictionary(uniqueKeysWithValues: perPairs.map { ($0.ucum, $0.word) })
    private static let symbols = Dictionary(uniqueKeysWithValues: pairs.map { ($0.word, $0.ucum) })
    private static let perSymbols = Dictionary(uniqueKeysWithValues: perPairs.map { ($0.word, $0.ucum) })

    /// The unit of OTel that a word of Prometheus stands for: `seconds` is `s`, `ratio` is `1`; a word that
    /// is not known stays.
    public static func ucum(of word: String) -> String {
        guard let separator = word.firstRange(of: "_per_"), separator.upperBound < word.endIndex else {
            return word == "ratio" ? "1" : symbols[word] ?? word
        }
        let (main, per) = (String(word[..<separator.lowerBound]), String(word[separator.upperBound...]))
        return "\(ucum(of: main))/\(perSymbols[per] ?? per)"
    }

    /// The two parts that a unit of OTel adds to a name: `bytes` and `per_second` for `By/s`; empty for `1`,
    /// and for what is an annotation (`{requests}`).
    static func suffixes(of unit: String) -> (main: String, per: String) {
        let parts = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let main = plain(parts.first)
        let per = plain(parts.count > 1 ? parts[1] : nil)
        return (
            main == "1" ? "" : words[main] ?? main, per.isEmpty ? "" : "per_\(perWords[per] ?? per)"
        )
    }

    /// The word of Prometheus for a unit of OTel: `bytes_per_second` for `By/s`, empty for `1`.
    public static func word(of unit: String, allowsUTF8: Bool = false) -> String {
        let (main, per) = suffixes(of: unit)
        let parts = [main, per].map { allowsUTF8 ? $0 : MetricNamer.cleaned($0) }.filter { !$0.isEmpty }
        return parts.joined(separator: "_").trimming("_")
    }

    private static func plain(_ part: Substring?) -> String {
        let text = String(part ?? "").trimming(" ")
        return text.contains("{") || text.contains("}") ? "" : text
    }
}

extension String {
    /// Without some character at both ends.
    func trimming(_ character: Character) -> String {
        var text = self[...].drop { $0 == character }
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
