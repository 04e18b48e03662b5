import OpAMP

extension RandomMessages {
    mutating func agentToServer() -> AgentToServer {
        var message = AgentToServer(instanceUID: uid())
        message.sequenceNumber = number()
        message.agentDescription = maybe {
            AgentDescription(
                identifyingAttributes: $0.attributes(), nonIdentifyingAttributes: $0.attributes())
        }
        message.capabilities = AgentCapabilities(rawValue: number())
        message.health = maybe { $0.health() }
        message.effectiveConfig = maybe { random in EffectiveConfig(random.maybe { $0.configMap() }) }
        message.remoteConfigStatus = maybe {
            RemoteConfigStatus(
                lastHash: $0.bytes(), status: $0.one(of: RemoteConfigStatus.Status.allCases),
                errorMessage: $0.text())
        }
        message.packageStatuses = maybe { $0.packageStatuses() }
        message.isDisconnect = coin()
        message.flags = AgentToServerFlags(rawValue: number())
        message.connectionSettingsRequest = maybe { random in
            ConnectionSettingsRequest(certificateSigningRequest: random.maybe { $0.bytes() })
        }
        message.customCapabilities = maybe { random in CustomCapabilities(random.list { $0.text() }) }
        message.customMessage = maybe { $0.customMessage() }
        message.availableComponents = maybe {
            AvailableComponents(components: $0.components(), hash: $0.bytes())
        }
        message.connectionSettingsStatus = maybe {
            ConnectionSettingsStatus(
                lastHash: $0.bytes(), status: $0.one(of: ConnectionSettingsStatus.Status.allCases),
                errorMessage: $0.text())
        }
        return message
    }

    mutating func serverToAgent() -> ServerToAgent {
        var message = ServerToAgent(instanceUID: maybe { $0.uid() })
        message.errorResponse = maybe { random in
            ServerErrorResponse(
                random.one(of: ServerErrorResponse.Kind.allCases), random.text(),
                retryAfter: random.maybe { $0.number() })
        }
        message.remoteConfig = maybe { random in
            AgentRemoteConfig(random.maybe { $0.configMap() }, hash: random.bytes())
        }
        message.connectionSettings = maybe { $0.offers() }
        message.packagesAvailable = maybe { $0.packages() }
        message.flags = ServerToAgentFlags(rawValue: number())
        message.capabilities = ServerCapabilities(rawValue: number())
        message.newInstanceUID = maybe { $0.uid() }
        message.command = maybe { $0.coin() ? .restart : .unknown($0.next() | 1) }
        message.customCapabilities = maybe { random in CustomCapabilities(random.list { $0.text() }) }
        message.customMessage = maybe { $0.customMessage() }
        return message
    }

    mutating func one<Value>(of values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }

    private mutating func customMessage() -> CustomMessage {
        CustomMessage(capability: text(), type: text(), data: bytes())
    }

    private mutating func packageStatuses() -> PackageStatuses {
        var statuses = PackageStatuses()
        statuses.packages = map { random in
            var status = PackageStatus()
            status.name = random.text()
            status.agentHasVersion = random.text()
            status.agentHasHash = random.bytes()
            status.serverOfferedVersion = random.text()
            status.serverOfferedHash = random.bytes()
            status.status = random.one(of: PackageStatus.Status.allCases)
            status.errorMessage = random.text()
            status.downloadDetails = random.maybe {
                var details = PackageDownloadDetails()
                details.percent = Double($0.next() % 101)
                details.bytesPerSecond = Double($0.next() >> 11)
                return details
            }
            return status
        }
        statuses.serverProvidedAllPackagesHash = bytes()
        statuses.errorMessage = text()
        return statuses
    }

    private mutating func packages() -> PackagesAvailable {
        var available = PackagesAvailable()
        available.packages = map { random in
            var package = PackageAvailable()
            package.kind = random.one(of: PackageAvailable.Kind.allCases)
            package.version = random.text()
            package.hash = random.bytes()
            package.file = random.maybe {
                var file = DownloadableFile()
                file.downloadURL = $0.text()
                file.contentHash = $0.bytes()
                file.signature = $0.bytes()
                file.headers = $0.headers()
                return file
            }
            return package
        }
        available.allPackagesHash = bytes()
        return available
    }

    private mutating func headers() -> [ConnectionHeader]? {
        maybe { random in random.list { ConnectionHeader($0.text(), $0.text()) } }
    }

    private mutating func certificate() -> TLSCertificate? {
        maybe { TLSCertificate(certificate: $0.bytes(), privateKey: $0.bytes(), authority: $0.bytes()) }
    }

    private mutating func tls() -> TLSConnectionSettings? {
        maybe {
            var tls = TLSConnectionSettings()
            tls.authorities = $0.text()
            tls.includesSystemAuthorities = $0.coin()
            tls.skipsVerification = $0.coin()
            tls.minimumVersion = $0.text()
            tls.maximumVersion = $0.text()
            tls.cipherSuites = $0.list { $0.text() }
            return tls
        }
    }

    private mutating func proxy() -> ProxyConnectionSettings? {
        maybe {
            var proxy = ProxyConnectionSettings()
            proxy.url = $0.text()
            proxy.connectHeaders = $0.headers()
            return proxy
        }
    }

    private mutating func telemetry() -> TelemetryConnectionSettings? {
        maybe {
            var settings = TelemetryConnectionSettings()
            settings.endpoint = $0.text()
            settings.headers = $0.headers()
            settings.certificate = $0.certificate()
            settings.tls = $0.tls()
            settings.proxy = $0.proxy()
            return settings
        }
    }

    private mutating func offers() -> ConnectionSettingsOffers {
        var offers = ConnectionSettingsOffers()
        offers.hash = bytes()
        offers.opamp = maybe {
            var settings = OpAMPConnectionSettings()
            settings.endpoint = $0.text()
            settings.headers = $0.headers()
            settings.certificate = $0.certificate()
            settings.heartbeatInterval = $0.number()
            settings.tls = $0.tls()
            settings.proxy = $0.proxy()
            return settings
        }
        offers.ownMetrics = telemetry()
        offers.ownTraces = telemetry()
        offers.ownLogs = telemetry()
        offers.otherConnections = map {
            var settings = OtherConnectionSettings()
            settings.endpoint = $0.text()
            settings.headers = $0.headers()
            settings.certificate = $0.certificate()
            settings.otherSettings = $0.map { $0.text() }
            settings.tls = $0.tls()
            settings.proxy = $0.proxy()
            return settings
        }
        return offers
    }
}
