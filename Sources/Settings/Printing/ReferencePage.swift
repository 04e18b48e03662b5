/// Prints a `SettingGroup` type as YAML that explains itself: every key with its default, its type and its
/// summary.
///
/// Reading the page as YAML gives the defaults; what is absent by default stands in comments.
struct ReferencePage {
    private let writer = YAMLWriter(escapingDollars: true)
    private(set) var text = ""

    /// Where a line goes: how deep, and whether all of it is a comment.
    struct Margin {
        var indentation = ""
        var isComment = false

        var text: String { (isComment ? "# " : "") + indentation }

        func inside(comment: Bool) -> Margin {
            Margin(indentation: indentation + "  ", isComment: isComment || comment)
        }
    }

    mutating func add<Section: SettingGroup>(_ section: Section, _ margin: Margin) {
        for field in Section.allFields {
            guard case .value(let access) = field.role else { continue }
            text += "\(margin.text)# \(field.explanation(access))\n"
            let nested = access.nested(section)
            if let nested, nested.shape == .single {
                addSection(field.name, nested, margin)
                continue
            }
            var own = margin
            if field.deprecation != nil { own.isComment = true }
            addValue(access.tree(section, .hidden), name: field.name, own)
            if let nested { addExample(nested, margin) }
        }
        for field in Section.allFields {
            guard case .unsupported(let reason) = field.role else { continue }
            text += "\(margin.text)# \(field.name): not supported: \(reason)\n"
        }
    }

    private mutating func addValue(_ value: Tree?, name: String, _ margin: Margin) {
        guard let value else {
            text += "\(margin.isComment ? margin.text : margin.text + "# ")\(writer.string(name)):\n"
            return
        }
        for line in writer.table([Tree.Entry(name, value)], indentation: "").split(separator: "\n") {
            text += "\(margin.text)\(line)\n"
        }
    }

    /// A section under its own key; one that is absent by default stands in comments.
    private mutating func addSection(_ name: String, _ nested: NestedSection, _ margin: Margin) {
        var own = margin
        own.isComment = margin.isComment || !nested.isPresent
        text += "\(own.text)\(writer.string(name)):\n"
        add(nested.settings, own.inside(comment: false))
    }

    private mutating func addExample(_ nested: NestedSection, _ margin: Margin) {
        let example = margin.inside(comment: true)
        text += "\(margin.text)# \(nested.shape == .listed ? "Each element:" : "Each value:")\n"
        add(nested.settings, example)
    }
}

extension Field {
    /// `Summary. (a whole number, required)`.
    fileprivate func explanation(_ access: Access) -> String {
        var facts = [access.kind]
        if isRequired { facts.append("required") }
        if !aliases.isEmpty { facts.append("formerly \(aliases.joined(separator: ", "))") }
        if let deprecation { facts.append("deprecated: \(deprecation)") }
        return "\(summary) (\(facts.joined(separator: "; ")))"
    }
}

extension SettingGroup {
    /// The reference page: YAML with every key, its default, its type and one line about it.
    ///
    /// - Parameter title: Lines for the head of the page, such as the component's name and summary.
    /// - Returns: Lines, the last with its line end.
    public static func referencePage(title: String) -> String {
        var page = ReferencePage()
        page.add(Self(), ReferencePage.Margin())
        let head = title.split(separator: "\n", omittingEmptySubsequences: false).map { "# \($0)\n" }.joined()
        return head + (page.text.isEmpty ? "# There is nothing to set.\n{}\n" : page.text)
    }
}
