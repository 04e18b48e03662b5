extension SettingGroup {
    /// Every key with its value, in the order documented; deprecated keys only when they have been changed.
    public func tree(_ secrets: SecretVisibility) -> Tree? {
        let defaults = Self()
        return Tree(
            .table(
                Self.allFields.compactMap { field in
                    guard case .value(let access) = field.role else { return nil }
                    guard let value = access.tree(self, secrets) else { return nil }
                    if field.deprecation != nil, value == access.tree(defaults, secrets) { return nil }
                    return Tree.Entry(field.name, value)
                }))
    }
}
