public import OpAMP
internal import Settings

/// What is known of the agent that a template is filled in for.
public struct TemplateSubject: Sendable, Hashable {
    /// The pseudo attribute with the agent's own id, for `from: instance_uid`.
    public static let uidAttribute = "instance_uid"

    public var uid: InstanceUID
    /// What operators have set.
    public var labels: [String: String]
    /// What the agent reported about itself, as text.
    public var attributes: [String: String]

    public init(uid: InstanceUID, labels: [String: String] = [:], attributes: [String: String] = [:]) {
        self.uid = uid
        self.labels = labels
        self.attributes = attributes
    }
}

/// Where the value of a variable came from; those that count more come first.
public enum VariableOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The label `var.NAME` of the agent.
    case label(String)
    /// The label or reported attribute that the variable names with `from`.
    case source(String)
    /// A group that the agent is in.
    case group(String)
    /// A value of the whole fleet.
    case fleet
    /// The default of the revision.
    case initial

    public var description: String {
        switch self {
        case .label(let key): "label \(key)"
        case .source(let key): "agent \(key)"
        case .group(let name): "group \(name)"
        case .fleet: "fleet"
        case .initial: "default"
        }
    }
}

/// The values of one group that an agent is in.
struct GroupValues: Sendable, Hashable {
    let name: String
    /// Groups of higher priority win.
    let priority: Int
    let values: [String: Tree]
}

/// Finds out what each variable of a revision is for one agent.
///
/// The most specific wins: the label `var.NAME` of the agent, then the label or attribute that the variable
/// names with `from`, then values of the agent's groups (the highest priority first), then values of the
/// fleet, then the default. Two groups of one priority that say different things are an error, because
/// nobody could tell which was meant.
struct VariableResolution {
    private(set) var values: [String: VariableValue] = [:]
    private(set) var origins: [String: VariableOrigin] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(
        _ variables: [String: TemplateVariable], for subject: TemplateSubject, groups: [GroupValues],
        fleet: [String: Tree]
    ) {
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
            resolve(name, variable, subject, groups, fleet)
        }
    }

    private mutating func resolve(
        _ name: String, _ variable: TemplateVariable, _ subject: TemplateSubject, _ groups: [GroupValues],
        _ fleet: [String: Tree]
    ) {
        guard let (tree, origin) = found(name, variable, subject, groups, fleet) else {
            if let value = variable.absentValue {
                values[name] = value
                origins[name] = .initial
            } else if diagnostics.last?.path != ["variables", name] {
                let hint = variable.source.isEmpty ? "" : ", and the agent has no '\(variable.source)'"
                diagnostics.append(
                    Diagnostic(
                        path: ["variables", name],
                        "nothing says what '\(name)' is: there is no label var.\(name), no value of a group "
                            + "or of the fleet\(hint)"))
            }
            return
        }
        switch variable.value(of: tree) {
        case .success(let value):
            values[name] = value
            origins[name] = origin
        case .failure(let fault):
            diagnostics.append(
                Diagnostic(path: ["variables", name], "the value from \(origin) \(fault)"))
        }
    }

    private mutating func found(
        _ name: String, _ variable: TemplateVariable, _ subject: TemplateSubject, _ groups: [GroupValues],
        _ fleet: [String: Tree]
    ) -> (Tree, VariableOrigin)? {
        let label = "var.\(name)"
        if let text = subject.labels[label] { return (.text(text), .label(label)) }
        if !variable.source.isEmpty {
            let own = variable.source == TemplateSubject.uidAttribute ? subject.uid.description : nil
            if let text = own ?? subject.labels[variable.source] ?? subject.attributes[variable.source] {
                return (.text(text), .source(variable.source))
            }
        }
        let saying = groups.filter { $0.values[name] != nil }.sorted {
            ($1.priority, $0.name) < ($0.priority, $1.name)
        }
        if let first = saying.first, let value = first.values[name] {
            let rival = saying.dropFirst().first {
                $0.priority == first.priority && $0.values[name] != value
            }
            guard let rival else { return (value, .group(first.name)) }
            diagnostics.append(
                Diagnostic(
                    path: ["variables", name],
                    "the groups \(first.name) and \(rival.name) say different things about '\(name)'; give "
                        + "one of them a higher priority"))
            return nil
        }
        return fleet[name].map { ($0, .fleet) }
    }
}
