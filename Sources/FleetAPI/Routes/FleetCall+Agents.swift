internal import Fleet
internal import FleetModel
internal import FleetStore
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// Agents, as requests name them.
extension FleetCall {
    /// The id of the agent in the path.
    func agent() throws(APIProblem) -> InstanceUID {
        let text = parameter("uid")
        guard let uid = InstanceUID(text) else {
            throw .notFound("'\(text.prefix(64))' is not the instance_uid of an agent")
        }
        return uid
    }

    /// The agent in the path.
    func record() throws(APIProblem) -> AgentRecord {
        let uid = try agent()
        guard let record = context.agents.agent(uid) else {
            throw .notFound("there is no agent \(uid)")
        }
        return record
    }

    /// `selector` and `group` of the query; all of them have to choose an agent.
    func selectors() throws(APIProblem) -> [Selector] {
        var selectors: [Selector] = []
        if let text = query["selector"], !text.isEmpty {
            do throws(SelectorError) {
                selectors.append(try Selector(parsing: text))
            } catch {
                throw .badRequest("selector: \(error)")
            }
        }
        if let name = query["group"], !name.isEmpty {
            guard let group = context.groups.group(name) else {
                throw .badRequest("there is no group '\(name)'")
            }
            selectors.append(group.group.selector)
        }
        return selectors
    }

    /// What a template sees of an agent.
    func subject(_ uid: InstanceUID) throws(APIProblem) -> TemplateSubject {
        guard let record = context.agents.agent(uid) else {
            throw .invalid("there is no agent \(uid)")
        }
        return TemplateSubject(
            uid: uid, labels: record.ownLabels,
            attributes: record.attributes.merging(record.identity) { _, identity in identity })
    }

    /// The kinds of agents that something is for.
    func builds(_ input: CheckInput) async throws(APIProblem) -> [AgentBuild] {
        do throws(StoreError) {
            return try await context.agents.builds(input.selector ?? .everything)
                .filter { !$0.components.isEmpty }
        } catch {
            throw APIProblem(error)
        }
    }

    /// The files of an effective configuration, as an agent has reported them.
    func effectiveFiles(_ hash: ContentHash) async throws(APIProblem) -> [ConfigurationFile] {
        let bytes: [UInt8]?
        do throws(StoreError) {
            bytes = try await context.agents.content(hash)
        } catch {
            throw APIProblem(error)
        }
        guard let files = bytes.flatMap({ CanonicalFiles.decode($0) }) else {
            throw .notFound("the effective configuration \(hash.short) is not kept")
        }
        return files
    }
}
