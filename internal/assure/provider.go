package assure

import "encoding/json"

// The types below are views of the documented parts, for code that looks at a few fields. Both spellings of a field
// are there where the schema and the samples disagree. What a reviewer sees is read from the bytes, not from these.

// Result reads the final result; nil if there is none. A value of the wrong type is left out.
func (p Process) Result() *FinalResult {
	if p.FinalResult == nil {
		return nil
	}
	r := new(FinalResult)
	decode(p.FinalResult, r)
	return r
}

// Details reads the provider-specific part; nil if there is none. A value of the wrong type is left out.
func (p Process) Details() *ProviderDetails {
	if p.ProviderSpecific == nil {
		return nil
	}
	d := new(ProviderDetails)
	decode(p.ProviderSpecific, d)
	return d
}

// FinalResult is the documented final result. Which fields are there depends on provider, document and process type.
type FinalResult struct {
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	LastNameSecondLine           Text `json:"lastNameSecondLine"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PlaceOfBirth                 Text `json:"placeOfBirth"`
	Gender                       Text `json:"gender"`
	Nationality                  Text `json:"nationality"`
	DocumentType                 Text `json:"documentType"`
	DocumentNumber               Text `json:"documentNumber"`
	IssuingCountry               Text `json:"issuingCountry"`
	DateOfIssue                  Text `json:"dateOfIssue"`
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	SimilarityScore              Text `json:"similarityScore"`
	LivenessDetected             Text `json:"livenessDetected"` // a boolean in the schema, the strings true and false in the samples
}

// ProviderDetails is the documented provider-specific part, whoever the provider is; nil is absent.
type ProviderDetails struct {
	DocumentVerification     *DocumentVerification      `json:"documentVerification"`     // onfido
	FacialSimilarity         *FacialSimilarity          `json:"facialSimilarity"`         // onfido
	OCR                      *OCR                       `json:"ocr"`                      // signicatvideoid, eid
	ManualApproval           *ManualApproval            `json:"manualApproval"`           // signicatvideoid high
	ConsolidatedIdentityData *ConsolidatedIdentityData  `json:"consolidatedIdentityData"` // readid
	DocumentContent          *DocumentContent           `json:"documentContent"`          // readid
	IProovSession            *IProovSession             `json:"iproovSession"`            // readid
	Session                  *ReadIDSession             `json:"session"`                  // readid, older answers
	Verification             *PaperVerification         `json:"verification"`             // signicatpaper from here
	Features                 *PaperFeatures             `json:"features"`
	MRZ                      *PaperMRZ                  `json:"mrz"`
	MRZChecksum              *PaperMRZChecksum          `json:"mrzChecksum"`
	MRZVerification          *PaperMRZVerification      `json:"mrzVerification"`
	MRZFeatureMatching       *PaperMatching             `json:"mrzFeatureMatching"`
	FeaturesVerification     *PaperFeaturesVerification `json:"featuresVerification"`
	RedactionResult          *PaperRedaction            `json:"redactionResult"`
	Errors                   []Text                     `json:"errors"`                   // signicatpaper to here
	IDToken                  json.RawMessage            `json:"idtoken"`                  // connect
	UserInfo                 json.RawMessage            `json:"userInfo"`                 // connect: an object, or a string that is a signed or encrypted JWT
	Error                    json.RawMessage            `json:"error"`                    // connect
	IdentResponse            *IdentResponse             `json:"identResponse"`            // webid
	PayMoneyTransferResponse json.RawMessage            `json:"payMoneyTransferResponse"` // webid, form unpublished
	Document                 *PictureDocument           `json:"document"`                 // signicatpictureid
	Selfie                   *PictureSelfie             `json:"selfie"`                   // signicatpictureid
	Liveness                 *FaceTecLiveness           `json:"liveness"`                 // facetec
	Matching                 *FaceTecMatching           `json:"matching"`                 // facetec
}

// DocumentVerification is what onfido read from and found about the document.
type DocumentVerification struct {
	FirstName                     Text                 `json:"firstName"`
	LastName                      Text                 `json:"lastName"`
	Gender                        Text                 `json:"gender"`
	Nationality                   Text                 `json:"nationality"`
	DateOfBirth                   Text                 `json:"dateOfBirth"`
	DocumentType                  Text                 `json:"documentType"`
	DocumentNumber                Text                 `json:"documentNumber"`
	TaxNumber                     Text                 `json:"taxNumber"`
	DateOfExpiry                  Text                 `json:"dateOfExpiry"`
	IssuingCountry                Text                 `json:"issuingCountry"`
	DateOfIssue                   Text                 `json:"dateOfIssue"`
	IssuingState                  Text                 `json:"issuingState"`
	IssuingAuthority              Text                 `json:"issuingAuthority"`
	PlaceOfBirth                  Text                 `json:"placeOfBirth"`
	PersonalIdentificationNumber  Text                 `json:"personalIdentificationNumber"`
	MRZLine1                      Text                 `json:"mrzLine1"`
	MRZLine2                      Text                 `json:"mrzLine2"`
	MRZLine3                      Text                 `json:"mrzLine3"`
	SpouseName                    Text                 `json:"spouseName"`
	WidowName                     Text                 `json:"widowName"`
	AliasName                     Text                 `json:"aliasName"`
	Result                        Text                 `json:"result"`
	SubResult                     Text                 `json:"subResult"`
	AgeValidation                 Text                 `json:"ageValidation"`
	PoliceRecord                  Text                 `json:"policeRecord"`
	DataConsistency               Text                 `json:"dataConsistency"`
	DataValidation                Text                 `json:"dataValidation"`
	ImageIntegrity                Text                 `json:"imageIntegrity"`
	DataComparison                Text                 `json:"dataComparison"`
	FaceComparison                Text                 `json:"faceComparison"`
	CompromisedDocument           Text                 `json:"compromisedDocument"`
	VisualAuthenticity            Text                 `json:"visualAuthenticity"`
	DriversLicense                Flag                 `json:"driversLicense"`
	RestrictedLicence             Flag                 `json:"restrictedLicence"`
	RawLicenceCategory            Text                 `json:"rawLicenceCategory"`
	RawVehicleClasses             Text                 `json:"rawVehicleClasses"`
	VehicleClassDetails           []VehicleClass       `json:"vehicleClassDetails"`
	ManualTransmissionRestriction Flag                 `json:"manualTransmissionRestriction"`
	PassengerVehicle              *PassengerVehicle    `json:"passengerVehicle"`
	Breakdowns                    map[string]Breakdown `json:"breakdowns"`
}

// FacialSimilarity is how onfido compared face and document.
type FacialSimilarity struct {
	Result             Text                 `json:"result"`
	ImageIntegrity     Text                 `json:"imageIntegrity"`
	FaceComparison     Text                 `json:"faceComparison"`
	VisualAuthenticity Text                 `json:"visualAuthenticity"`
	SimilarityScore    Text                 `json:"similarityScore"`
	Breakdowns         map[string]Breakdown `json:"breakdowns"`
}

// Breakdown is a check of onfido. A check that was not performed has no result.
type Breakdown struct {
	Result    Text                    `json:"result"`
	Breakdown map[string]SubBreakdown `json:"breakdown"`
}

// SubBreakdown is a part of a check of onfido.
type SubBreakdown struct {
	Result     Text            `json:"result"`
	Properties map[string]Text `json:"properties"`
}

// VehicleClass is a class of a driving licence, in beta.
type VehicleClass struct {
	Category       Text `json:"category"`
	Codes          Text `json:"codes"`
	ObtainmentDate Text `json:"obtainmentDate"`
	ExpiryDate     Text `json:"expiryDate"`
}

// PassengerVehicle is the right to drive a car, in beta.
type PassengerVehicle struct {
	PermissionToDrive Text `json:"permissionToDrive"`
	ObtainmentDate    Text `json:"obtainmentDate"`
	ExpiryDate        Text `json:"expiryDate"`
}

// OCR is what signicatvideoid read automatically.
type OCR struct {
	FirstName                    Text                     `json:"firstName"`
	AlternativeFirstName         Text                     `json:"alternativeFirstName"`
	LastName                     Text                     `json:"lastName"`
	AlternativeLastName          Text                     `json:"alternativeLastName"`
	DateOfExpiry                 Text                     `json:"dateOfExpiry"`
	DateOfBirth                  Text                     `json:"dateOfBirth"`
	DateOfIssue                  Text                     `json:"dateOfIssue"`
	BirthPlace                   Text                     `json:"birthPlace"`
	Gender                       Text                     `json:"gender"`
	Nationality                  Text                     `json:"nationality"`
	IssuingCountry               Text                     `json:"issuingCountry"`
	IssuingAuthority             Text                     `json:"issuingAuthority"`
	Address                      Text                     `json:"address"`
	DocumentType                 Text                     `json:"documentType"`
	IdType                       Text                     `json:"idType"`
	DocumentNumber               Text                     `json:"documentNumber"`
	PersonalIdentificationNumber Text                     `json:"personalIdentificationNumber"`
	TaxNumber                    Text                     `json:"taxNumber"`
	SocialSecurityNumber         Text                     `json:"socialSecurityNumber"`
	HealthNumber                 Text                     `json:"healthNumber"`
	PredictedAge                 Text                     `json:"predictedAge"`
	LivenessDetected             Flag                     `json:"livenessDetected"`
	SimilarityScore              Text                     `json:"similarityScore"`
	Features                     []Feature                `json:"features"`
	SecurityChecks               map[string]SecurityCheck `json:"securityChecks"` // liveness is also spelled livenessDetected
}

// Feature is a feature of the document that was looked for in the video.
type Feature struct {
	Name  Text `json:"name"`
	Found Flag `json:"found"`
	BBox  *Box `json:"bbox"`
	Side  Text `json:"side"`
}

// Box is a rectangle in pixels.
type Box struct {
	X      Text `json:"x"`
	Y      Text `json:"y"`
	Width  Text `json:"width"`
	Height Text `json:"height"`
}

// SecurityCheck is a check of signicatvideoid or signicatpictureid: valid and passed are two spellings of its answer.
type SecurityCheck struct {
	Name            Text `json:"name"`
	Valid           Flag `json:"valid"`
	Passed          Flag `json:"passed"`
	SimilarityLevel Text `json:"similarityLevel"` // selfieAndDocumentMatch instead of an answer
}

// ManualApproval is what an agent found, at process type high.
type ManualApproval struct {
	Duration                     Text              `json:"duration"`
	FirstName                    Text              `json:"firstName"`
	AlternativeFirstName         Text              `json:"alternativeFirstName"`
	LastName                     Text              `json:"lastName"`
	AlternativeLastName          Text              `json:"alternativeLastName"`
	DateOfExpiry                 Text              `json:"dateOfExpiry"`
	Gender                       Text              `json:"gender"`
	Nationality                  Text              `json:"nationality"`
	DocumentNumber               Text              `json:"documentNumber"`
	IssuingCountry               Text              `json:"issuingCountry"`
	DateOfBirth                  Text              `json:"dateOfBirth"`
	BirthPlace                   Text              `json:"birthPlace"`
	IssuingAuthority             Text              `json:"issuingAuthority"`
	Address                      Text              `json:"address"`
	PersonalIdentificationNumber Text              `json:"personalIdentificationNumber"`
	RejectionReasons             []RejectionReason `json:"rejectionReasons"`
	VideoID                      Text              `json:"videoId"`
	VerificationID               Text              `json:"verificationId"`
	VerifierID                   Text              `json:"verifierId"`
	VerificationDate             Text              `json:"verificationDate"`
	RAuthorityID                 Text              `json:"rAuthorityId"` // also spelled rauthorityId: names are matched in any letter case
}

// RejectionReason is an agent's reason.
type RejectionReason struct {
	Type    Text `json:"type"`
	Message Text `json:"message"`
}

// ConsolidatedIdentityData is what readid made of chip and document.
type ConsolidatedIdentityData struct {
	ChipVerification             Text `json:"chipVerification"`
	ChipCloneDetection           Text `json:"chipCloneDetection"`
	DocumentType                 Text `json:"documentType"`
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	Gender                       Text `json:"gender"`
	Nationality                  Text `json:"nationality"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	DocumentNumber               Text `json:"documentNumber"`
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	IssuingCountry               Text `json:"issuingCountry"`
	DocumentCode                 Text `json:"documentCode"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
}

// DocumentContent is what readid read from the chip.
type DocumentContent struct {
	DateOfBirth                  Text `json:"dateOfBirth"`
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	DateOfIssue                  Text `json:"dateOfIssue"`
	DocumentNumber               Text `json:"documentNumber"`
	IssuingAuthority             Text `json:"issuingAuthority"`
	IssuingCountry               Text `json:"issuingCountry"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	Gender                       Text `json:"gender"`
	MRZFirstName                 Text `json:"mrzFirstName"`
	MRZLastName                  Text `json:"mrzLastName"`
	Nationality                  Text `json:"nationality"`
	PlaceOfBirth                 Text `json:"placeOfBirth"`
	Profession                   Text `json:"profession"`
	Telephone                    Text `json:"telephone"`
	Title                        Text `json:"title"`
}

// IProovSession is the liveness check beside readid. Its assurance type has two names.
type IProovSession struct {
	Attempts               Text `json:"attempts"`
	EnrollmentImageSource  Text `json:"enrollmentImageSource"`
	ErrorString            Text `json:"errorString"`
	Finished               Flag `json:"finished"`
	HasError               Flag `json:"hasError"`
	Passed                 Flag `json:"passed"`
	EnrollmentRiskProfile  Text `json:"enrollmentRiskProfile"`
	RiskProfile            Text `json:"riskProfile"`
	IProovAssuranceType    Text `json:"iProovAssuranceType"`
	GetIProovAssuranceType Text `json:"getiProovAssuranceType"`
}

// ReadIDSession holds in older answers what later ones have beside each other.
type ReadIDSession struct {
	ConsolidatedIdentityData *ConsolidatedIdentityData `json:"consolidatedIdentityData"`
	DocumentContent          *DocumentContent          `json:"documentContent"`
	IProovSession            *IProovSession            `json:"iproovSession"`
}

// PaperVerification is how signicatpaper verified.
type PaperVerification struct {
	Type   Text `json:"type"`
	Status Flag `json:"status"` // a boolean in the schema, a string in the samples
}

// PaperFeatures is the printed text that signicatpaper read. The personal number has two names.
type PaperFeatures struct {
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	LastNameSecondLine           Text `json:"lastNameSecondLine"`
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	DateOfIssue                  Text `json:"dateOfIssue"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	IssuingAuthority             Text `json:"issuingAuthority"`
	Gender                       Text `json:"gender"`
	DocumentNumber               Text `json:"documentNumber"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	PersonalNumber               Text `json:"personalNumber"`
	PlaceOfBirth                 Text `json:"placeOfBirth"`
	QRCodePersonalNumber         Text `json:"qrcode.personal_number"`
}

// PaperMRZ is the machine-readable zone that signicatpaper read.
type PaperMRZ struct {
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	Nationality                  Text `json:"nationality"`
	Gender                       Text `json:"gender"`
	DocumentType                 Text `json:"documentType"`
	IssuingCountry               Text `json:"issuingCountry"`
	DocumentNumber               Text `json:"documentNumber"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	PersonalNumber               Text `json:"personalNumber"`
}

// PaperMRZChecksum says of each check digit VALID or INVALID.
type PaperMRZChecksum struct {
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	DocumentNumber               Text `json:"documentNumber"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	PersonalNumber               Text `json:"personalNumber"`
}

// PaperMRZVerification says of each field whether its value makes sense.
type PaperMRZVerification struct {
	DateOfExpiry   Text `json:"dateOfExpiry"`
	DocumentType   Text `json:"documentType"`
	IssuingCountry Text `json:"issuingCountry"`
	DateOfBirth    Text `json:"dateOfBirth"`
}

// PaperMatching says how near the machine-readable zone is to the printed text.
type PaperMatching struct {
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	LastNameSecondLine           Text `json:"lastNameSecondLine"`
	IssuingAuthority             Text `json:"issuingAuthority"`
	DocumentNumber               Text `json:"documentNumber"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PlaceOfBirth                 Text `json:"placeOfBirth"`
	DrivingPermitsSnake          Text `json:"driving_permits"`
	DrivingPermits               Text `json:"drivingPermits"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	PersonalNumber               Text `json:"personalNumber"`
	DateOfIssue                  Text `json:"dateOfIssue"`
}

// PaperFeaturesVerification says FOUND or MISSING of each printed field of a document without a machine-readable zone.
type PaperFeaturesVerification struct {
	DateOfExpiry                 Text `json:"dateOfExpiry"`
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	IssuingAuthority             Text `json:"issuingAuthority"`
	DocumentNumber               Text `json:"documentNumber"`
	DrivingPermits               Text `json:"drivingPermits"`
	DrivingPermitsSnake          Text `json:"driving_permits"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	PersonalNumber               Text `json:"personalNumber"`
	DateOfIssue                  Text `json:"dateOfIssue"`
}

// PaperRedaction says how much of a requested redaction was done.
type PaperRedaction struct {
	IsPartialRedaction Flag `json:"isPartialRedaction"`
	IsFullRedaction    Flag `json:"isFullRedaction"`
}

// IdentResponse is the answer of webid.
type IdentResponse struct {
	ActionID         Text            `json:"actionId"`
	TransactionID    Text            `json:"transactionId"`
	ActionType       Text            `json:"actionType"`
	Success          Flag            `json:"success"`
	Mismatch         Flag            `json:"mismatch"`
	ResponseType     Text            `json:"responseType"`
	FinishedOn       Text            `json:"finishedOn"`
	IdentifiedOn     Text            `json:"identifiedOn"`
	IdentMode        Text            `json:"identMode"`
	AgentID          Text            `json:"agentId"`
	RejectionReason  Text            `json:"rejectionReason"`
	IDDocument       *WebIDDocument  `json:"idDocument"`
	User             *WebIDUser      `json:"user"`
	ProductInfos     *WebIDProducts  `json:"productInfos"`
	CustomParameters map[string]Text `json:"customParameters"`
}

// WebIDDocument is the document of a webid identification. Authority and number have two names each.
type WebIDDocument struct {
	DateOfExpiry     Text `json:"dateOfExpiry"`
	DateOfIssue      Text `json:"dateOfIssue"`
	DocumentType     Text `json:"documentType"`
	MRZ              Text `json:"mrz"`
	NameAtBirth      Text `json:"nameAtBirth"`
	Nationality      Text `json:"nationality"`
	PlaceOfBirth     Text `json:"placeOfBirth"`
	IssuingCountry   Text `json:"issuingCountry"`
	IssuingAuthority Text `json:"issuingAuthority"`
	Authority        Text `json:"authority"`
	DocumentNumber   Text `json:"documentNumber"`
	IdNumber         Text `json:"idNumber"`
}

// WebIDUser is the person of a webid identification. The names are also spelled firstname and lastname: they are matched in any letter case.
type WebIDUser struct {
	Title       Text          `json:"title"`
	Gender      Text          `json:"gender"`
	Sex         Text          `json:"sex"`
	DateOfBirth Text          `json:"dateOfBirth"`
	Address     *WebIDAddress `json:"address"`
	Contact     *WebIDContact `json:"contact"`
	FirstName   Text          `json:"firstName"`
	LastName    Text          `json:"lastName"`
}

// WebIDAddress is an address.
type WebIDAddress struct {
	Street       Text `json:"street"`
	StreetNumber Text `json:"streetNumber"`
	AddressLine1 Text `json:"addressLine1"`
	AddressLine2 Text `json:"addressLine2"`
	Region       Text `json:"region"`
	Zip          Text `json:"zip"`
	City         Text `json:"city"`
	Country      Text `json:"country"`
}

// WebIDContact is how to reach the person.
type WebIDContact struct {
	Email  Text `json:"email"`
	Mobile Text `json:"mobile"`
	Phone  Text `json:"phone"`
	Cell   Text `json:"cell"`
}

// WebIDProducts is what the process type accountid adds.
type WebIDProducts struct {
	BankAccount *WebIDBankAccount `json:"bankAccount"`
}

// WebIDBankAccount is the account that a payment came from.
type WebIDBankAccount struct {
	IBAN Text `json:"iban"`
}

// PictureDocument is what signicatpictureid read from and found about the document.
type PictureDocument struct {
	IssuingCountry Text                     `json:"issuingCountry"`
	IssuingPlace   Text                     `json:"issuingPlace"`
	DateOfIssue    Text                     `json:"dateOfIssue"`
	DateOfExpiry   Text                     `json:"dateOfExpiry"`
	NonExpiring    Flag                     `json:"nonExpiring"`
	DocumentNumber Text                     `json:"documentNumber"`
	Subject        *PictureSubject          `json:"subject"`
	SecurityChecks map[string]SecurityCheck `json:"securityChecks"`
}

// PictureSubject is the person of a document.
type PictureSubject struct {
	FirstName                    Text `json:"firstName"`
	LastName                     Text `json:"lastName"`
	CommonName                   Text `json:"commonName"`
	AlternativePrimaryName       Text `json:"alternativePrimaryName"`
	AlternativeSecondaryName     Text `json:"alternativeSecondaryName"`
	DateOfBirth                  Text `json:"dateOfBirth"`
	PlaceOfBirth                 Text `json:"placeOfBirth"`
	Address                      Text `json:"address"`
	Gender                       Text `json:"gender"`
	Nationality                  Text `json:"nationality"`
	PersonalIdentificationNumber Text `json:"personalIdentificationNumber"`
	Photo                        *Box `json:"photo"`
	Signature                    *Box `json:"signature"`
}

// PictureSelfie is where the face stands in the selfie.
type PictureSelfie struct {
	Status Text `json:"status"`
	X      Text `json:"x"`
	Y      Text `json:"y"`
	Width  Text `json:"width"`
	Height Text `json:"height"`
}

// FaceTecLiveness says whether a live person was there.
type FaceTecLiveness struct {
	Error                  Flag            `json:"error"`
	Success                Flag            `json:"success"`
	FaceScanSecurityChecks map[string]Flag `json:"faceScanSecurityChecks"`
}

// FaceTecMatching is up to three comparisons, and the last one's values again.
type FaceTecMatching struct {
	Attempts        []FaceTecAttempt `json:"attempts"`
	Algorithm       Text             `json:"algorithm"`
	MatchLevel      Text             `json:"matchLevel"`
	ImageProcessing Text             `json:"imageProcessing"`
	Success         Flag             `json:"success"`
	Error           Flag             `json:"error"`
}

// FaceTecAttempt is one comparison. Its level goes from 0 (no match) to 8.
type FaceTecAttempt struct {
	Algorithm       Text `json:"algorithm"`
	MatchLevel      Text `json:"matchLevel"`
	ImageProcessing Text `json:"imageProcessing"`
	Success         Flag `json:"success"`
	Error           Flag `json:"error"`
}
