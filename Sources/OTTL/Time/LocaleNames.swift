/// The names of months and days in a language, for reading times that people wrote.
struct LocaleNames: Sendable {
    let months: [String]
    let shortMonths: [String]
    /// From Sunday.
    let days: [String]
    let shortDays: [String]
    let morning: [String]
    let afternoon: [String]

    private init(
        _ months: String, _ shortMonths: String, _ days: String, _ shortDays: String,
        _ halves: (String, String) = ("am a.m.", "pm p.m.")
    ) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        self.months = words(months)
        self.shortMonths = words(shortMonths)
        self.days = words(days)
        self.shortDays = words(shortDays)
        morning = words(halves.0)
        afternoon = words(halves.1)
    }

    /// English.
    static let english = LocaleNames(
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Sunday Monday Tuesday Wednesday Thursday Friday Saturday", "Sun Mon Tue Wed Thu Fri Sat")

    /// The languages that are known, by their two letters.
    static let languages: [String: LocaleNames] = [
        "en": english,
        "de": LocaleNames(
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
            "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag", "So Mo Di Mi Do Fr Sa"),
        "es": LocaleNames(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "ene feb mar abr may jun jul ago sept oct nov dic",
            "domingo lunes martes miércoles jueves viernes sábado", "dom lun mar mié jue vie sáb"),
        "fr": LocaleNames(
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
            "dimanche lundi mardi mercredi jeudi vendredi samedi", "dim. lun. mar. mer. jeu. ven. sam."),
        "it": LocaleNames(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
            "gen feb mar apr mag giu lug ago set ott nov dic",
            "domenica lunedì martedì mercoledì giovedì venerdì sabato", "dom lun mar mer gio ven sab"),
        "nl": LocaleNames(
            "januari februari maart april mei juni juli augustus september oktober november december",
            "jan feb mrt apr mei jun jul aug sep okt nov dec",
            "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag", "zo ma di wo do vr za"),
        "pt": LocaleNames(
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
            "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
            "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
            "dom. seg. ter. qua. qui. sex. sáb."),
    ]

    /// The names for a language tag such as `es-ES`; `nil` when the language is not among those known.
    static func named(_ tag: String) -> LocaleNames? {
        let language = tag.split(whereSeparator: { $0 == "-" || $0 == "_" }).first.map { $0.lowercased() }
        return language.flatMap { languages[$0] }
    }
}
