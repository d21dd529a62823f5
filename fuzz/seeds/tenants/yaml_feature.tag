# 4:19 yaml_feature
version: 1
tenants:
  - { id: !secret acme, region: EU }
