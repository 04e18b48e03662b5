/// A format of times with directives such as `%Y`, read once.
struct TimeLayout: Sendable {
    enum Part: Sendable {
        case literal(String)
        case year, shortYear
        case month(Padding), monthName, shortMonthName
        case day(Padding), dayName, shortDayName
        case hour24, hour12(Padding), half(isUpper: Bool)
        case minute, second
        /// Decimals of the second: so many digits.
        case fraction(Int)
        case zoneName
        case offset(Offset)
    }

    enum Padding: Sendable { case zero, space, none }

    /// How an offset from UTC is written.
    enum Offset: Sendable { case hours, minutes(colon: Bool), seconds(colon: Bool) }

    let parts: [Part]

    /// Whether it says something about the year.
    var hasYear: Bool {
        parts.contains {
            switch $0 {
            case .year, .shortYear: true
            default: false
            }
        }
    }

    /// Reads a format, the second argument of a function, or says what is wrong with it.
    init(_ format: String) throws(FunctionError) {
        var parts: [Part] = []
        var literal = ""
        var characters = Substring(format)
        while let character = characters.popFirst() {
            guard character == "%", let directive = characters.popFirst() else {
                // Go's own layouts are numbers; here they would stand for nothing but themselves.
                if character.isASCII, character.isNumber {
                    throw FunctionError("a format has no digits, it has directives such as %Y", parameter: 1)
                }
                literal.append(character)
                continue
            }
            guard let meaning = Self.meaning(of: directive) else {
                throw FunctionError("there is no directive '%\(directive)' for times", parameter: 1)
            }
            for part in meaning {
                if case .literal(let text) = part {
                    literal += text
                    continue
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(part)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    private static let clock: [Part] = [.hour24, .literal(":"), .minute, .literal(":"), .second]
    private static let shortDate: [Part] = [
        .month(.zero), .literal("/"), .day(.zero), .literal("/"), .year,
    ]
    private static let isoDate: [Part] = [.year, .literal("-"), .month(.zero), .literal("-"), .day(.zero)]

    private static let meanings: [Character: [Part]] = [
        "Y": [.year], "y": [.shortYear], "m": [.month(.zero)], "o": [.month(.space)], "q": [.month(.none)],
        "b": [.shortMonthName], "h": [.shortMonthName], "B": [.monthName], "d": [.day(.zero)],
        "e": [.day(.space)], "g": [.day(.none)], "a": [.shortDayName], "A": [.dayName], "H": [.hour24],
        "I": [.hour12(.zero)], "l": [.hour12(.none)], "p": [.half(isUpper: true)],
        "P": [.half(isUpper: false)], "M": [.minute], "S": [.second], "L": [.fraction(3)],
        "f": [.fraction(6)], "s": [.fraction(9)], "z": [.offset(.minutes(colon: false))],
        "Z": [.zoneName], "i": [.offset(.hours)], "j": [.offset(.minutes(colon: true))],
        "k": [.offset(.seconds(colon: true))], "w": [.offset(.seconds(colon: false))], "D": shortDate,
        "x": shortDate, "F": isoDate, "T": clock, "X": clock,
        "r": [
            .hour12(.zero), .literal(":"), .minute, .literal(":"), .second, .literal(" "),
            .half(isUpper: false),
        ],
        "R": [.hour24, .literal(":"), .minute], "n": [.literal("\n")], "t": [.literal("\t")],
        "%": [.literal("%")],
        "c": [.shortDayName, .literal(" "), .shortMonthName, .literal(" "), .day(.zero), .literal(" ")]
            + clock + [.literal(" "), .year],
    ]

    private static func meaning(of directive: Character) -> [Part]? { meanings[directive] }

    /// Writes a time, in its own zone and in English.
    func format(_ time: Time) -> String {
        let calendar = time.calendar
        let zone = time.zone.rule(at: CalendarTime.split(time.nanoseconds).seconds)
        return parts.map { text(of: $0, calendar, zone) }.joined()
    }

    private func text(
        of part: Part, _ time: CalendarTime, _ zone: (offset: Int, abbreviation: String)
    ) -> String {
        let names = LocaleNames.english
        switch part {
        case .literal(let text): return text
        case .year: return Time.digits(time.year, 4)
        case .shortYear: return Time.digits(((time.year % 100) + 100) % 100, 2)
        case .month(let padding): return Self.number(time.month, padding)
        case .monthName: return names.months[time.month - 1]
        case .shortMonthName: return names.shortMonths[time.month - 1]
        case .day(let padding): return Self.number(time.day, padding)
        case .dayName: return names.days[time.weekday]
        case .shortDayName: return names.shortDays[time.weekday]
        case .hour24: return Time.digits(time.hour, 2)
        case .hour12(let padding): return Self.number((time.hour + 11) % 12 + 1, padding)
        case .half(let isUpper):
            let text = time.hour < 12 ? "am" : "pm"
            return isUpper ? text.uppercased() : text
        case .minute: return Time.digits(time.minute, 2)
        case .second: return Time.digits(time.second, 2)
        case .fraction(let digits): return String(Time.digits(time.nanosecond, 9).prefix(digits))
        case .zoneName: return zone.abbreviation
        case .offset(let form): return Self.text(zone.offset, form)
        }
    }

    private static func number(_ number: Int, _ padding: Padding) -> String {
        switch padding {
        case .zero: Time.digits(number, 2)
        case .space: number < 10 ? " \(number)" : "\(number)"
        case .none: "\(number)"
        }
    }

    private static func text(_ offset: Int, _ form: Offset) -> String {
        switch form {
        case .hours: return String(Time.offset(offset, separator: "").prefix(3))
        case .minutes(let colon): return Time.offset(offset, separator: colon ? ":" : "")
        case .seconds(let colon):
            let separator = colon ? ":" : ""
            return Time.offset(offset, separator: separator) + separator + Time.digits(abs(offset) % 60, 2)
        }
    }
}
