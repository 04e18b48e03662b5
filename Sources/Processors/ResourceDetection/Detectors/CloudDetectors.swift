internal import Patterns
internal import Settings
internal import Telemetry
internal import Transport

/// Google Cloud: Compute Engine, Kubernetes Engine, Cloud Run and Cloud Functions, by the metadata server.
public enum GCPDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.account.id": true, "cloud.availability_zone": true, "cloud.platform": true,
        "cloud.provider": true, "cloud.region": true, "faas.instance": true, "faas.name": true,
        "faas.version": true, "host.id": true, "host.name": true, "host.type": true, "k8s.cluster.name": true,
        "gcp.gce.instance.name": false, "gcp.gce.instance.hostname": false,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ address: String
    ) async throws(DetectionFailure) -> Detected {
        let variable = surroundings.variable("GCE_METADATA_HOST").map { "http://\($0)" }
        let endpoint = address.isEmpty ? variable ?? "http://169.254.169.254" : address
        let fields: HTTPFields = ["metadata-flavor": "Google"]
        func text(_ path: String) async throws(DetectionFailure) -> String {
            try await surroundings.text(endpoint, "/computeMetadata/v1/\(path)", fields)
        }
        var detected = Detected()
        detected.add("cloud.provider", "gcp")
        detected.add("cloud.account.id", try await text("project/project-id"))
        if let name = surroundings.variable("K_SERVICE") {
            let isFunction = surroundings.variable("FUNCTION_TARGET") != nil
            detected.add("cloud.platform", isFunction ? "gcp_cloud_functions" : "gcp_cloud_run")
            detected.add("cloud.region", last(try await text("instance/region")))
            detected.add("faas.instance", try await text("instance/id"))
            detected.add("faas.name", name)
            detected.add("faas.version", surroundings.variable("K_REVISION"))
            return detected
        }
        let isKubernetes = surroundings.variable("KUBERNETES_SERVICE_HOST") != nil
        detected.add("cloud.platform", isKubernetes ? "gcp_kubernetes_engine" : "gcp_compute_engine")
        let zone = last(try await text("instance/zone"))
        let location = isKubernetes ? try await text("instance/attributes/cluster-location") : zone
        // us-central1-c is a zone, us-central1 a region.
        if location.split(separator: "-").count > 2 {
            detected.add("cloud.availability_zone", location)
            detected.add("cloud.region", location.split(separator: "-").dropLast().joined(separator: "-"))
        } else {
            detected.add("cloud.region", location)
        }
        detected.add("host.id", try await text("instance/id"))
        let name = try await text("instance/name")
        detected.add("host.name", name)
        if isKubernetes {
            detected.add("k8s.cluster.name", try await text("instance/attributes/cluster-name"))
        } else {
            detected.add("host.type", last(try await text("instance/machine-type")))
            detected.add("gcp.gce.instance.name", name)
            detected.add("gcp.gce.instance.hostname", try await text("instance/hostname"))
        }
        return detected
    }

    /// `us-central1-c` of `projects/123/zones/us-central1-c`.
    private static func last(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0) } ?? ""
    }
}

/// A virtual machine of Azure, by its metadata service.
public enum AzureDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "azure.resourcegroup.name": true, "azure.vm.name": true, "azure.vm.scaleset.name": true,
        "azure.vm.size": true, "cloud.account.id": true, "cloud.platform": true, "cloud.provider": true,
        "cloud.region": true, "host.id": true, "host.name": true,
    ]

    static func compute(
        _ surroundings: DetectorSurroundings, _ address: String
    ) async throws(DetectionFailure) -> Tree {
        try await surroundings.document(
            address.isEmpty ? "http://169.254.169.254" : address,
            "/metadata/instance/compute?api-version=2020-09-01&format=json", ["metadata": "True"])
    }

    static func detect(
        _ surroundings: DetectorSurroundings, _ settings: TaggedDetectorSettings<AzureDetector>
    ) async throws(DetectionFailure) -> Detected {
        let compute = try await compute(surroundings, settings.endpoint)
        var detected = Detected()
        detected.add("cloud.provider", "azure")
        detected.add("cloud.platform", "azure_vm")
        for (name, key) in [
            ("name", "host.name"), ("location", "cloud.region"), ("vmId", "host.id"),
            ("subscriptionId", "cloud.account.id"), ("name", "azure.vm.name"), ("vmSize", "azure.vm.size"),
            ("vmScaleSetName", "azure.vm.scaleset.name"), ("resourceGroupName", "azure.resourcegroup.name"),
        ] {
            detected.add(key, compute[name]?.text)
        }
        let patterns = settings.tags.compactMap { try? RegularExpression($0) }
        for tag in compute["tagsList"]?.list ?? [] {
            guard let name = tag["name"]?.text, patterns.contains(where: { $0.matches(name) }) else {
                continue
            }
            detected.add("azure.tags.\(name)", tag["value"]?.text)
        }
        return detected
    }
}

/// Azure Kubernetes Service.
public enum AKSDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.platform": true, "cloud.provider": true, "k8s.cluster.name": false,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ address: String
    ) async throws(DetectionFailure) -> Detected {
        guard surroundings.variable("KUBERNETES_SERVICE_HOST") != nil else {
            throw .absent("KUBERNETES_SERVICE_HOST is not set")
        }
        let compute = try await AzureDetector.compute(surroundings, address)
        var detected = Detected()
        detected.add("cloud.provider", "azure")
        detected.add("cloud.platform", "azure_aks")
        let group = compute["resourceGroupName"]?.text ?? ""
        // MC_GROUP_CLUSTER_LOCATION, where nothing in it has underscores of its own.
        let parts = group.split(separator: "_", omittingEmptySubsequences: false).map { String($0) }
        let isParsed = parts.count == 4 && parts[0].uppercased() == "MC"
        detected.add("k8s.cluster.name", isParsed ? parts[2] : group)
        return detected
    }
}

/// A droplet of DigitalOcean.
public enum DigitalOceanDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.provider": true, "cloud.region": true, "host.id": true, "host.name": true,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ address: String
    ) async throws(DetectionFailure) -> Detected {
        let document = try await surroundings.document(
            address.isEmpty ? "http://169.254.169.254" : address, "/metadata/v1.json")
        var detected = Detected()
        detected.add("cloud.provider", "digitalocean")
        for (name, key) in [("region", "cloud.region"), ("droplet_id", "host.id"), ("hostname", "host.name")]
        {
            detected.add(key, document[name]?.text)
        }
        return detected
    }
}

/// A server of Hetzner Cloud.
public enum HetznerDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.availability_zone": true, "cloud.provider": true, "cloud.region": true, "host.id": true,
        "host.name": true,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ address: String
    ) async throws(DetectionFailure) -> Detected {
        let endpoint = address.isEmpty ? "http://169.254.169.254" : address
        var detected = Detected()
        for (name, key) in [
            ("instance-id", "host.id"), ("hostname", "host.name"), ("region", "cloud.region"),
            ("availability-zone", "cloud.availability_zone"),
        ] {
            detected.add(key, try await surroundings.text(endpoint, "/hetzner/v1/metadata/\(name)"))
        }
        detected.add("cloud.provider", "hetzner")
        return detected
    }
}

/// The machine of the container that the collector runs in, by the Docker daemon.
public enum DockerDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "host.name": true, "os.type": true, "container.name": false, "container.image.name": false,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ settings: CloudDetectorSettings<DockerDetector>
    ) async throws(DetectionFailure) -> Detected {
        let endpoint = settings.endpoint.isEmpty ? "unix:///var/run/docker.sock" : settings.endpoint
        let info = try await surroundings.document(endpoint, "/info")
        var detected = Detected()
        detected.add("host.name", info["Name"]?.text)
        detected.add("os.type", info["OSType"]?.text?.lowercased())
        let switches = settings.resourceAttributes
        guard switches.allows("container.name") || switches.allows("container.image.name") else {
            return detected
        }
        let name = await surroundings.host().name
        let container = try await surroundings.document(endpoint, "/containers/\(name)/json")
        detected.add("container.name", container["Name"]?.text.map { String($0.drop { $0 == "/" }) })
        detected.add("container.image.name", container["Config"]?["Image"]?.text)
        return detected
    }
}
