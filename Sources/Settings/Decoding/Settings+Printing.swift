extension Settings {
    /// Every key with its value, in the order documented.
    public func tree(_ secrets: SecretVisibility) -> Tree? {
        Tree(
            .table(
                Self.allFields.compactMap { field in
                    guard case .value(let access) = field.role else { return nil }
                    return access.tree(self, secrets).map { Tree.Entry(field.name, $0) }
                }))
    }
}
