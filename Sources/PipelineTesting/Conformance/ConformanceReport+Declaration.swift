internal import Pipeline
internal import Settings

extension ConformanceReport {
    /// Names and texts.
    mutating func checkDeclaration(_ type: any Component.Type) {
        for name in [type.name] + type.aliases {
            let isSnakeCase = name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 95
            }
            expect(
                isSnakeCase && ComponentID(parsing: name) != nil,
                "the name '\(name)' is not in lower_snake_case")
        }
        expect(!type.aliases.contains(type.name), "'\(type.name)' is an alias of itself")
        expect(type.summary.hasSuffix("."), "the summary is not a sentence: '\(type.summary)'")
        expect(!type.signals.isEmpty, "handles no signal")
    }

    /// Reading, printing and documentation of the keys; returns what `yaml` says.
    mutating func checkConfiguration<Configuration: SettingGroup>(
        _ type: Configuration.Type, yaml: String
    ) -> Configuration? {
        checkSummaries(Configuration.schema, path: [])
        if let defaults = Configuration.decode(.empty).value {
            checkRoundTrip(defaults, "the default configuration")
        }
        do {
            let configuration = try Configuration.decode(yaml: yaml)
            checkRoundTrip(configuration, "the configuration")
            checkUnknownKey(configuration)
            return configuration
        } catch {
            fail("the configuration given for the check is wrong: \(error)")
            return nil
        }
    }

    private mutating func checkSummaries(_ schema: Tree, path: [String]) {
        for property in schema["properties"]?.table ?? [] {
            let path = path + [property.key]
            let summary = property.value["description"]?.text ?? ""
            expect(summary.hasSuffix("."), "the key \(path.joined(separator: "::")) has no summary")
            checkSummaries(property.value, path: path)
        }
    }

    private mutating func checkRoundTrip<Configuration: SettingGroup>(
        _ configuration: Configuration, _ what: String
    ) {
        let printed = configuration.tree(.revealed) ?? .empty
        let decoded = Configuration.decode(printed)
        guard let again = decoded.value else {
            return fail("\(what) cannot be read after printing: \(decoded.diagnostics)")
        }
        expect(again.tree(.revealed) == printed, "\(what) is another one after printing and reading")
    }

    private mutating func checkUnknownKey<Configuration: SettingGroup>(_ configuration: Configuration) {
        let key = "no_such_key"
        let position = Position(ConfigurationSource(.inline, "conformance.yaml"), line: 7, column: 3)
        let known = configuration.tree(.revealed)?.table ?? []
        let decoded = Configuration.decode(Tree(.table(known + [Tree.Entry(key, at: position, .text("x"))])))
        let isReported = decoded.diagnostics.contains {
            $0.severity == .error && $0.position == position && $0.path.last == key
        }
        expect(isReported && decoded.value == nil, "an unknown key is not an error at its place")
    }
}
