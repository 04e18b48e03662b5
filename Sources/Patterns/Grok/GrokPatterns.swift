/// The patterns that grok expressions can name without defining them.
public enum GrokPatterns {
    /// All of them by name.
    static let all: [String: String] = words.merging(network) { $1 }.merging(times) { $1 }.merging(logs) {
        $1
    }

    /// Their names in alphabetical order.
    public static var names: [String] { all.keys.sorted() }

    private static let words: [String: String] = [
        "WORD": #"\b\w+\b"#,
        "NOTSPACE": #"\S+"#,
        "SPACE": #"\s*"#,
        "DATA": ".*?",
        "GREEDYDATA": ".*",
        "INT": "[+-]?[0-9]+",
        "NUMBER": "%{BASE10NUM}",
        "BOOL": "true|false",
        "BASE10NUM": #"[+-]?[0-9]+(?:\.[0-9]+)?|\.[0-9]+"#,
        "BASE16NUM": "[+-]?(?:0x)?[0-9A-Fa-f]+",
        "BASE16FLOAT": #"[+-]?(?:0x)?[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?"#,
        "POSINT": #"\b[1-9][0-9]*\b"#,
        "NONNEGINT": #"\b[0-9]+\b"#,
        "QUOTEDSTRING": #""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#,
        "QS": "%{QUOTEDSTRING}",
        "UUID": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "URN": "urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[0-9A-Za-z()+,.:=@;$_!*'/?#-]+",
        "LOGLEVEL":
            "(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal"
            + "|severe|emerg(?:ency)?)",
        "UNIXPATH": #"(?:/[\w%!$@:.,+~-]+)+"#,
        "WINPATH": #"[A-Za-z]+:(?:\\[^\\?*]+)+"#,
        "PATH": "%{UNIXPATH}|%{WINPATH}",
        "TTY": #"/dev/(?:pts|tty[pq]?)\w*/?[0-9]+"#,
    ]

    private static let network: [String: String] = [
        "IP": "%{IPV6}|%{IPV4}",
        "IPV4": #"(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"#,
        "IPV6": ipv6,
        "HOSTNAME": #"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\.?|\b)"#,
        "IPORHOST": "%{IP}|%{HOSTNAME}",
        "HOSTPORT": "%{IPORHOST}:%{POSINT}",
        "USERNAME": "[a-zA-Z0-9._-]+",
        "USER": "%{USERNAME}",
        "EMAILLOCALPART": #"[a-zA-Z][a-zA-Z0-9_.+=:-]+"#,
        "EMAILADDRESS": "%{EMAILLOCALPART}@%{HOSTNAME}",
        "MAC": "%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}",
        "CISCOMAC": #"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"#,
        "WINDOWSMAC": "(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
        "COMMONMAC": "(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}",
        "URIPROTO": #"[A-Za-z][A-Za-z0-9+.-]+"#,
        "URIHOST": "%{IPORHOST}(?::%{POSINT})?",
        "URIPATH": #"(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+"#,
        "URIQUERY": #"[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*"#,
        "URIPARAM": #"\?%{URIQUERY}"#,
        "URIPATHPARAM": #"%{URIPATH}(?:\?%{URIQUERY})?"#,
        "URI": #"%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?%{URIHOST}(?:%{URIPATHPARAM})?"#,
    ]

    /// All spellings of an IPv6 address: eight groups, or fewer with `::` for the others, or an IPv4
    /// address as the last two.
    private static let ipv6: String = {
        let group = "[0-9A-Fa-f]{1,4}"
        var forms = ["(?:\(group):){6}%{IPV4}", "(?:\(group):){7}\(group)"]
        for count in 1...4 {
            forms.append("(?:\(group):){\(count)}(?::\(group)){0,\(5 - count)}:%{IPV4}")
        }
        for count in 1...6 {
            forms.append("(?:\(group):){\(count)}(?::\(group)){1,\(7 - count)}")
        }
        forms += ["(?:\(group):){1,7}:", "::(?:\(group):){0,5}%{IPV4}", ":(?::\(group)){1,7}", "::"]
        return forms.joined(separator: "|")
    }()

    private static let times: [String: String] = [
        "MONTH": #"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"#
            + #"|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"#,
        "MONTHNUM": "0[1-9]|1[0-2]",
        "MONTHDAY": "0[1-9]|[12][0-9]|3[01]|[1-9]",
        "DAY": #"\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?"#
            + #"|Sun(?:day)?)\b"#,
        "YEAR": #"(?:\d\d){1,2}"#,
        "HOUR": "2[0-3]|[01]?[0-9]",
        "MINUTE": "[0-5][0-9]",
        "SECOND": "(?:[0-5][0-9]|60)(?:[:.,][0-9]+)?",
        "TIME": "%{HOUR}:%{MINUTE}(?::%{SECOND})?",
        "DATE_US": "%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}",
        "DATE_EU": "%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}",
        "DATE": "%{DATE_US}|%{DATE_EU}",
        "DATESTAMP": "%{DATE}[- ]%{TIME}",
        "TZ": "[PMACE][SED]T|UTC",
        "ISO8601_TIMEZONE": "Z|[+-]%{HOUR}:?%{MINUTE}",
        "ISO8601_SECOND": "%{SECOND}",
        "TIMESTAMP_ISO8601":
            "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?",
        "DATESTAMP_RFC822": "%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}",
        "DATESTAMP_RFC2822": "%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}",
        "DATESTAMP_OTHER": "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}",
        "DATESTAMP_EVENTLOG": "%{YEAR}%{MONTHNUM}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}",
        "HTTPDATE": "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
        "SYSLOGTIMESTAMP": "%{MONTH} +%{MONTHDAY} %{TIME}",
    ]

    private static let logs: [String: String] = [
        "PROG": #"[!-Z\\^-~]+"#,
        "SYSLOGPROG": #"%{PROG}(?:\[\d+\])?"#,
        "SYSLOGHOST": "%{IPORHOST}",
        "SYSLOGFACILITY": "<%{NONNEGINT}.%{NONNEGINT}>",
        "SYSLOGBASE":
            "%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:host.hostname} %{SYSLOGPROG}:",
        "SYSLOGBASE2": "(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})"
            + "(?: %{SYSLOGFACILITY})?(?: %{SYSLOGHOST:host.hostname})?(?: %{SYSLOGPROG}:)?",
        "SYSLOGLINE": "%{SYSLOGBASE2} %{GREEDYDATA:message}",
        "SYSLOG5424PRINTASCII": "[!-~]+",
        "SYSLOG5424PRI": "<%{NONNEGINT:log.syslog.priority:int}>",
        "SYSLOG5424SD": #"\[%{DATA}\]+"#,
        "SYSLOG5424BASE": "%{SYSLOG5424PRI}%{NONNEGINT:system.syslog.version} +"
            + "(?:-|%{TIMESTAMP_ISO8601:timestamp}) +(?:-|%{IPORHOST:host.hostname}) +"
            + "(?:-|%{SYSLOG5424PRINTASCII:process.name}) +(?:-|%{POSINT:process.pid:int}) +"
            + "(?:-|%{SYSLOG5424PRINTASCII:event.code}) +"
            + "(?:-|%{SYSLOG5424SD:system.syslog.structured_data})?",
        "SYSLOG5424LINE": "%{SYSLOG5424BASE} +%{GREEDYDATA:message}",
        "HTTPDUSER": "%{EMAILADDRESS}|%{USER}",
        "HTTPD_COMMONLOG": "%{IPORHOST:source.address} (?:-|%{HTTPDUSER:apache.access.user.identity}) "
            + #"(?:-|%{HTTPDUSER:user.name}) \[%{HTTPDATE:timestamp}\] "(?:%{WORD:http.request.method} "#
            + #"%{NOTSPACE:url.original}(?: HTTP/%{NUMBER:http.version})?|%{DATA})" "#
            + "(?:-|%{INT:http.response.status_code:int}) (?:-|%{INT:http.response.body.bytes:long})",
        "HTTPD_COMBINEDLOG": #"%{HTTPD_COMMONLOG} "(?:-|%{DATA:http.request.referrer})" "#
            + #""(?:-|%{DATA:user_agent.original})""#,
        "COMMONAPACHELOG": "%{HTTPD_COMMONLOG}",
        "COMBINEDAPACHELOG": "%{HTTPD_COMBINEDLOG}",
    ]
}
