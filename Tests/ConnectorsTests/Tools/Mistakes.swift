import Settings

/// Everything that is wrong with a configuration, each with its line and column.
func mistakes<Group: SettingGroup>(_ type: Group.Type, _ yaml: String) -> [String] {
    do {
        _ = try Group.decode(yaml: yaml)
        return []
    } catch {
        return error.diagnostics.map { diagnostic in
            let place = diagnostic.position.map { "\($0.line):\($0.column) " } ?? ""
            return "\(place)\(diagnostic.path.joined(separator: ".")): \(diagnostic.message)"
        }
    }
}
