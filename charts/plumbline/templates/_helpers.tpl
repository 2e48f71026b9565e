{{- define "plumbline.name" -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) | trunc 45 | trimSuffix "-" }}
{{- end }}

{{/* For what lies outside of the namespace: releases in several namespaces must not meet there. */}}
{{- define "plumbline.wideName" -}}
{{ printf "%s-%s" .Release.Namespace (include "plumbline.name" .) }}
{{- end }}

{{- define "plumbline.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "plumbline.name" .) }}
{{- end }}

{{- define "plumbline.user" -}}
{{ printf "system:serviceaccount:%s:%s" .Release.Namespace (include "plumbline.serviceAccount" .) }}
{{- end }}

{{- define "plumbline.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plumbline.labels" -}}
{{ include "plumbline.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "plumbline.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
