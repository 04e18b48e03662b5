internal import Patterns
internal import Wire

/// UserAgent: the program and the system behind a user agent.
///
/// The table is ours and knows the browsers, crawlers, libraries and tools that send most requests; it is not
/// the one of uap-core with its thousands of devices. What it does not know is `Other`.
enum UserAgentConverter {
    static let all: [Function] = [
        .ofString(
            "UserAgent", "value", gives: .map,
            summary:
                "Name and version of the common browsers, crawlers and tools, and of the system; else Other.",
            example: #"UserAgent("curl/7.81.0")"#
        ) { text throws(EvaluationError) in
            let text = text.count > 4096 ? text[0..<text.boundary(atOrBefore: 4096)] : text
            return .map(parse(text))
        }
    ]

    private struct Rule: Sendable {
        let expression: RegularExpression
        let name: String

        /// A rule for `pattern`; its first group is the version, or is named `name` where the text has
        /// the name.
        init?(_ pattern: String, _ name: String) {
            guard let expression = try? RegularExpression(pattern) else { return nil }
            self.expression = expression
            self.name = name
        }
    }

    private static let version = #"(\d+(?:[._]\d+){0,2})"#

    private static func rules(_ table: [(String, String)]) -> [Rule] {
        table.compactMap {
            Rule(
                $0.0.split(separator: "#", omittingEmptySubsequences: false).joined(separator: version), $0.1)
        }
    }

    /// From the special to the general, since most browsers also claim to be others; `#` stands for a
    /// version.
    private static let programs = rules(programTable)

    private static let programTable: [(String, String)] = [
        ("Googlebot(?:-\\w+)?/#", "Googlebot"), ("bingbot/#", "bingbot"), ("YandexBot/#", "YandexBot"),
        ("Baiduspider/#", "Baiduspider"), ("DuckDuckBot/#", "DuckDuckBot"), ("Applebot/#", "Applebot"),
        ("AhrefsBot/#", "AhrefsBot"), ("SemrushBot/#", "SemrushBot"), ("GPTBot/#", "GPTBot"),
        ("ClaudeBot/#", "ClaudeBot"), ("facebookexternalhit/#", "FacebookBot"),
        ("Twitterbot/#", "Twitterbot"),
        ("Slackbot(?:-LinkExpanding)? #", "Slackbot"), ("kube-probe/#", "kube-probe"),
        ("ELB-HealthChecker/#", "ELB-HealthChecker"), ("Prometheus/#", "Prometheus"),
        ("HeadlessChrome/#", "HeadlessChrome"), ("EdgA/#", "Edge Mobile"), ("EdgiOS/#", "Edge Mobile"),
        ("Edge?/#", "Edge"), ("OPR/#.*Mobile", "Opera Mobile"), ("Mobile.*OPR/#", "Opera Mobile"),
        ("OPR/#", "Opera"),
        ("Vivaldi/#", "Vivaldi"), ("SamsungBrowser/#", "Samsung Internet"), ("UCBrowser/#", "UC Browser"),
        ("YaBrowser/#", "Yandex Browser"), ("DuckDuckGo/#", "DuckDuckGo Mobile"),
        ("CriOS/#", "Chrome Mobile iOS"),
        ("FxiOS/#", "Firefox iOS"), ("Android.*; wv\\).*Chrome/#", "Chrome Mobile WebView"),
        ("Chrome/#.*Mobile", "Chrome Mobile"), ("Electron/#", "Electron"), ("Chrome/#", "Chrome"),
        ("Mobile;.*Firefox/#", "Firefox Mobile"), ("Android.*Firefox/#", "Firefox Mobile"),
        ("Thunderbird/#", "Thunderbird"), ("SeaMonkey/#", "SeaMonkey"), ("Firefox/#", "Firefox"),
        ("Version/#.*Mobile.*Safari/", "Mobile Safari"), ("iPhone.*Version/#", "Mobile Safari"),
        ("Version/#.*Safari/", "Safari"), ("MSIE #", "IE"), ("Trident/.*rv:#", "IE"),
        ("^Opera/.*Version/#", "Opera"),
        ("^Opera/#", "Opera"), ("^curl/#", "curl"), ("^Wget/#", "Wget"), ("HTTPie/#", "HTTPie"),
        ("^python-requests/#", "Python Requests"), ("^python-urllib3?/#", "Python-urllib"),
        ("^Python-urllib/#", "Python-urllib"), ("aiohttp/#", "aiohttp"), ("python-httpx/#", "python-httpx"),
        ("^Go-http-client/#", "Go-http-client"), ("^okhttp/#", "okhttp"), ("^Java/#", "Java"),
        ("Apache-HttpClient/#", "Apache-HttpClient"), ("^axios/#", "axios"), ("^node-fetch/#", "node-fetch"),
        ("^PostmanRuntime/#", "PostmanRuntime"), ("^insomnia/#", "Insomnia"),
        ("^libwww-perl/#", "libwww-perl"),
        ("^GuzzleHttp/#", "GuzzleHttp"), ("^git/#", "git"), ("^docker/#", "docker"),
        ("^Faraday v#", "Faraday"),
        ("^ibm-cos-sdk-java/#", "ibm-cos-sdk-java"), ("^aws-sdk-java/#", "aws-sdk-java"),
        ("^aws-cli/#", "aws-cli"),
        ("^Boto3/#", "Boto3"), ("^dotnet/#", "dotnet"), ("^Ruby/#", "Ruby"), ("^PHP/#", "PHP"),
        ("^Dalvik/#", "Android"),
    ]

    private static let systems = rules(systemTable)

    private static let systemTable: [(String, String)] = [
        ("Windows Phone (?:OS )?#", "Windows Phone"), ("Windows NT #", "Windows"), ("Windows", "Windows"),
        ("Android[ /-]#", "Android"), ("Android", "Android"), ("(?:iPhone OS|CPU OS|iOS)[ /]#", "iOS"),
        ("iPhone|iPad", "iOS"), ("CrOS \\S+ #", "Chrome OS"), ("Mac OS X #", "Mac OS X"),
        ("Macintosh|Mac OS X|Darwin", "Mac OS X"), ("Ubuntu[ /]#", "Ubuntu"), ("Ubuntu", "Ubuntu"),
        ("Fedora", "Fedora"), ("Debian", "Debian"), ("Linux[ /]#", "Linux"), ("[Ll]inux", "Linux"),
        ("FreeBSD", "FreeBSD"),
        ("OpenBSD", "OpenBSD"), ("SunOS", "Solaris"),
    ]

    /// How many rules there are, and how many of them are valid expressions; for tests.
    static var ruleCounts: (written: Int, known: Int) {
        (programTable.count + systemTable.count, programs.count + systems.count)
    }

    /// Windows names its versions in another way than people do.
    private static let windows = [
        "10.0": "10", "6.3": "8.1", "6.2": "8", "6.1": "7", "6.0": "Vista", "5.2": "XP", "5.1": "XP",
        "5.0": "2000",
    ]

    private static func first(_ rules: [Rule], _ text: Bytes) -> (name: String, version: String)? {
        for rule in rules {
            guard let match = rule.expression.firstMatch(in: text) else { continue }
            let version = match[1].map { text[$0].string } ?? ""
            return (rule.name, version.split(separator: "_").joined(separator: "."))
        }
        return nil
    }

    private static func parse(_ text: Bytes) -> ValueMap {
        let program = first(programs, text) ?? ("Other", "")
        var system = first(systems, text) ?? ("Other", "")
        if system.name == "Windows", let known = windows[system.version] { system.version = known }
        var map = ValueMap()
        map["user_agent.name"] = .text(program.name)
        map["user_agent.version"] = .text(program.version)
        map["user_agent.original"] = .string(text)
        map["os.name"] = .text(system.name)
        if !system.version.isEmpty { map["os.version"] = .text(system.version) }
        return map
    }
}
