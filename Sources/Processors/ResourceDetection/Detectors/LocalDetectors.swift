internal import Settings
internal import Telemetry
internal import Wire

/// What a detector has found: attributes in order.
struct Detected {
    private(set) var attributes: [(key: String, value: AttributeValue)] = []

    /// Adds a text unless it is empty or absent.
    mutating func add(_ key: String, _ text: String?) {
        if let text, !text.isEmpty { attributes.append((key, .string(text))) }
    }

    mutating func add(_ key: String, _ value: AttributeValue) { attributes.append((key, value)) }

    /// Takes out what is switched off.
    func filtered<Kind>(_ switches: AttributeSwitches<Kind>) -> Detected {
        var result = self
        result.attributes.removeAll { !switches.allows($0.key) }
        return result
    }
}

/// The environment variable `OTEL_RESOURCE_ATTRIBUTES`: `key1=value1,key2=value2`, values percent-encoded.
enum EnvironmentDetector {
    static func detect(_ surroundings: DetectorSurroundings) throws(DetectionFailure) -> Detected {
        var detected = Detected()
        guard let text = surroundings.variable("OTEL_RESOURCE_ATTRIBUTES") else { return detected }
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw .absent("OTEL_RESOURCE_ATTRIBUTES has '\(pair)', which is not key=value")
            }
            let (key, value) = (trimmed(parts[0]), trimmed(parts[1]))
            if !key.isEmpty { detected.add(key, .string(PercentDecoding.lenient(value))) }
        }
        return detected
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

/// The machine that the collector runs on.
public enum SystemDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "host.name": true, "os.type": true, "host.id": false, "host.arch": false, "host.ip": false,
        "host.mac": false, "os.description": false, "host.cpu.vendor.id": false, "host.cpu.family": false,
        "host.cpu.model.id": false, "host.cpu.model.name": false, "host.cpu.stepping": false,
        "host.cpu.cache.l2.size": false,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ sources: [ResourceDetection.HostnameSource]
    ) async -> Detected {
        let host = await surroundings.host()
        var detected = Detected()
        detected.add("host.name", await name(of: host, surroundings, sources))
        detected.add("os.type", "linux")
        detected.add("os.description", host.system)
        detected.add(
            "host.id",
            await surroundings.file("/etc/machine-id")?.split(separator: "\n").first.map { String($0) })
        detected.add("host.arch", ["x86_64": "amd64", "aarch64": "arm64"][host.machine] ?? host.machine)
        if !host.addresses.isEmpty { detected.add("host.ip", .array(host.addresses.map { .string($0) })) }
        if !host.hardwareAddresses.isEmpty {
            detected.add("host.mac", .array(host.hardwareAddresses.map { .string($0) }))
        }
        addProcessor(await surroundings.file("/proc/cpuinfo") ?? "", &detected)
        return detected
    }

    /// The name from the first source that has one; the resolver is asked when its turn comes, and once.
    private static func name(
        of host: HostFacts, _ surroundings: DetectorSurroundings,
        _ sources: [ResourceDetection.HostnameSource]
    ) async -> String? {
        var resolved: HostNames?
        for source in sources {
            if source == .os {
                if !host.name.isEmpty { return host.name }
                continue
            }
            let names: HostNames
            if let resolved { names = resolved } else { names = await surroundings.names(host.name) }
            resolved = names
            let name =
                switch source {
                case .dns where names.canonicalName.isEmpty, .lookup: names.nameOfAddress
                case .dns, .cname, .os: names.canonicalName
                }
            if !name.isEmpty { return name }
        }
        return nil
    }

    private static func addProcessor(_ text: String, _ detected: inout Detected) {
        var facts: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let key = String(parts[0].reversed().drop { $0 == "\t" || $0 == " " }.reversed())
            if facts[key] == nil { facts[key] = String(parts[1].drop { $0 == " " }) }
        }
        detected.add("host.cpu.vendor.id", facts["vendor_id"])
        detected.add("host.cpu.family", facts["cpu family"])
        detected.add("host.cpu.model.id", facts["model"])
        detected.add("host.cpu.model.name", facts["model name"])
        detected.add("host.cpu.stepping", facts["stepping"])
        if let size = facts["cache size"].flatMap({ Int64($0.prefix { $0 != " " }) }) {
            detected.add("host.cpu.cache.l2.size", .int(size))
        }
    }
}

/// The collector's own process.
public enum ProcessDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "process.pid": true, "process.executable.name": true, "process.executable.path": true,
        "process.owner": true,
    ]

    static func detect(_ surroundings: DetectorSurroundings) async -> Detected {
        let host = await surroundings.host()
        var detected = Detected()
        detected.add("process.pid", .int(Int64(host.processID)))
        detected.add("process.executable.name", host.executable.split(separator: "/").last.map { String($0) })
        detected.add("process.executable.path", host.executable)
        detected.add("process.owner", host.user)
        return detected
    }
}

/// A dyno of Heroku that has its metadata in variables.
public enum HerokuDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.provider": true, "heroku.app.id": true, "heroku.release.commit": true,
        "heroku.release.creation_timestamp": true, "service.instance.id": true, "service.name": true,
        "service.version": true,
    ]

    static func detect(_ surroundings: DetectorSurroundings) throws(DetectionFailure) -> Detected {
        let dyno = surroundings.variable("HEROKU_DYNO_ID")
        guard dyno != nil || surroundings.variable("HEROKU_APP_ID") != nil else {
            throw .absent("HEROKU_DYNO_ID and HEROKU_APP_ID are not set")
        }
        var detected = Detected()
        detected.add("cloud.provider", "heroku")
        for (variable, key) in [
            ("HEROKU_APP_ID", "heroku.app.id"), ("HEROKU_APP_NAME", "service.name"),
            ("HEROKU_DYNO_ID", "service.instance.id"),
            ("HEROKU_RELEASE_CREATED_AT", "heroku.release.creation_timestamp"),
            ("HEROKU_RELEASE_VERSION", "service.version"), ("HEROKU_SLUG_COMMIT", "heroku.release.commit"),
        ] {
            detected.add(key, surroundings.variable(variable))
        }
        return detected
    }
}

/// A function of AWS Lambda.
public enum LambdaDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "aws.log.group.names": true, "aws.log.stream.names": true, "cloud.platform": true,
        "cloud.provider": true, "cloud.region": true, "faas.instance": true, "faas.max_memory": true,
        "faas.name": true, "faas.version": true,
    ]

    static func detect(_ surroundings: DetectorSurroundings) throws(DetectionFailure) -> Detected {
        guard let name = surroundings.variable("AWS_LAMBDA_FUNCTION_NAME") else {
            throw .absent("AWS_LAMBDA_FUNCTION_NAME is not set")
        }
        var detected = Detected()
        detected.add("cloud.provider", "aws")
        detected.add("cloud.platform", "aws_lambda")
        detected.add("cloud.region", surroundings.variable("AWS_REGION"))
        detected.add("faas.name", name)
        detected.add("faas.version", surroundings.variable("AWS_LAMBDA_FUNCTION_VERSION"))
        detected.add("faas.max_memory", surroundings.variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
        detected.add("faas.instance", surroundings.variable("AWS_LAMBDA_LOG_STREAM_NAME"))
        for (variable, key) in [
            ("AWS_LAMBDA_LOG_GROUP_NAME", "aws.log.group.names"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "aws.log.stream.names"),
        ] {
            if let text = surroundings.variable(variable) { detected.add(key, .array([.string(text)])) }
        }
        return detected
    }
}
